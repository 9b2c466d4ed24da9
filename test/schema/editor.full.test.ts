import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CompletionItem } from 'vscode-languageserver-protocol'
import { listDefinitions } from '../../generator/load/list-definitions.ts'
import { type Editor, openEditor, type Settings } from '../support/editor.ts'

const root = join(import.meta.dirname, '..', '..')
const MODELINE = '# yaml-language-server: $schema=../schema/connector.schema.json\n'
const definitions = listDefinitions(join(root, 'definitions'))
const hubspot = readFileSync(join(root, 'definitions', 'hubspot-crm.yaml'), 'utf8')

const workspace: Settings = JSON.parse(readFileSync(join(root, '.vscode', 'settings.json'), 'utf8'))

interface Setting {
  readonly settings: Settings
  /** The text of a definition as it stands in such an editor. */
  readonly written: (text: string) => string
}

const ways: Readonly<Record<string, Setting>> = {
  'by the first line of the file alone': {
    settings: { 'yaml.schemaStore.enable': false },
    written: (text) => MODELINE + text,
  },
  'by the settings of the folder alone': { settings: workspace, written: (text) => text },
}

describe.each(Object.entries(ways))('an editor that knows the format %s', (_, { settings, written }) => {
  let editor: Editor
  let wentOutside: string | undefined
  beforeAll(async () => {
    editor = await openEditor(root, settings)
  })
  afterAll(async () => {
    wentOutside ??= await editor.close()
  })

  const errorsIn = async (text: string) =>
    (await editor.errorsIn('definitions/hubspot-crm.yaml', written(text))).map(({ message, range }) => {
      const lines = written(text).split('\n')
      return { message, on: lines[range.start.line]?.slice(range.start.character, range.end.character) }
    })
  const completions = (text: string) => editor.completionsAt({ file: 'definitions/acme-crm.yaml', text: written(text) })
  const labels = async (text: string) => (await completions(text)).map(({ label }) => label)
  const hover = (text: string) => editor.hoverAt({ file: 'definitions/acme-crm.yaml', text: written(text) })

  test.each(definitions)('finds nothing to complain of in %s', async (name) => {
    const text = readFileSync(join(root, 'definitions', name), 'utf8')
    expect(text.startsWith(MODELINE)).toBe(true)
    expect(await editor.errorsIn(`definitions/${name}`, written(text.slice(MODELINE.length)))).toEqual([])
  })

  test('applies its own format to registry.yaml', async () => {
    const modeline = written('') === '' ? '' : MODELINE.replace('connector.schema', 'registry.schema')
    const errors = await editor.errorsIn('definitions/registry.yaml', `${modeline}name: Acme\ncode: acme-crm\n`)
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/pattern/i),
      expect.stringContaining('Property code is not allowed'),
    ])
  })

  test.each([
    ['a field at the top', '|', ['code', 'status', 'auth', 'events', 'webhook']],
    ['a field that is begun', 'code: acme-crm\nst|\n', ['status']],
    ['a part', 'auth:\n  |\n', ['type', 'summary', 'fields', 'scopes']],
    ['a field that an installer fills in', 'auth:\n  fields:\n    |\n', ['a field', 'field_name']],
    [
      'what is said of it',
      'auth:\n  fields:\n    token:\n      |\n',
      ['label', 'required', 'where_to_find', 'used_for'],
    ],
    ['an event', 'events:\n  |\n', ['an event', 'event_name']],
    ['what is said of an event', 'events:\n  order_paid:\n    |\n', ['direction', 'data', 'idempotency_key']],
    [
      'a keyword of its data',
      'events:\n  order_paid:\n    data:\n      |\n',
      ['type', 'properties', 'required', '$defs'],
    ],
    [
      'a keyword of a field of its data',
      'events:\n  order_paid:\n    data:\n      type: object\n      properties:\n        order_id:\n          |\n',
      ['type', 'description', 'format', 'x-unit'],
    ],
    ['an element of a list', 'rate_limits:\n  - |\n', ['name', 'limit', 'per']],
    ['a rule for deliveries', 'webhook:\n  deliveries:\n    - |\n', ['event', 'for', 'when', 'data']],
  ])('offers %s', async (_name, text, wanted) => {
    expect(await labels(text)).toEqual(expect.arrayContaining(wanted))
  })

  test('leaves out what is there already', async () => {
    expect(await labels('code: acme-crm\n|')).not.toContain('code')
  })

  test.each([
    ['the status', 'status: |\n', ['draft', 'active', 'deprecated', 'retired']],
    ['the way to authenticate', 'auth:\n  type: |\n', ['api_key', 'oauth2', 'webhook']],
    ['the kind of a field', 'auth:\n  fields:\n    token:\n      type: |\n', ['text', 'secret', 'url']],
    ['yes and no', 'auth:\n  fields:\n    token:\n      required: |\n', ['true', 'false']],
    ['the direction of an event', 'events:\n  order_paid:\n    direction: |\n', ['inbound', 'outbound']],
    ['the type of its data', 'events:\n  order_paid:\n    data:\n      type: |\n', ['object', 'string', 'integer']],
    [
      'the format of a field of its data',
      'events:\n  order_paid:\n    data:\n      properties:\n        paid_at:\n          format: |\n',
      ['date-time', 'email', 'uuid'],
    ],
    ['an algorithm', 'webhook:\n  signatures:\n    - algorithm: |\n', ['hmac-sha256', 'ed25519', 'token']],
  ])('offers the values of %s', async (_name, text, wanted) => {
    expect(await labels(text)).toEqual(expect.arrayContaining(wanted))
  })

  test('says of each value what it means', async () => {
    const said = (items: readonly CompletionItem[]) =>
      Object.fromEntries(items.map(({ label, documentation }) => [label, documentation]))
    expect(said(await completions('auth:\n  fields:\n    token:\n      type: |\n'))).toMatchObject({
      text: 'Plain text.',
      secret: 'Shown as a password, stored encrypted.',
    })
  })

  test('writes a whole event that needs no second thought about its form', async () => {
    const event = (await completions('events:\n  |\n')).find(({ label }) => label === 'an event')
    const inserted = (event?.insertText ?? '').replace(/\$\{\d+:([^}]*)\}/g, '$1').replaceAll('\n', '\n  ')
    const text = hubspot.slice(MODELINE.length).replace(/^events:\n/m, `events:\n  ${inserted}\n`)
    expect(text).toContain('order_paid:')
    expect(await errorsIn(text)).toEqual([])
  })

  test.each([
    ['a field at the top', 'st|atus: active\n', ['Whether the connector is offered.', 'No longer offered']],
    ['a value', 'category: cr|m\n', ['The shelf in the catalogue', 'Contacts, companies and deals.']],
    ['a field whose form is said elsewhere', 'replaced_|by: acme-crm\n', ['to use instead of this deprecated']],
    ['a part', 'au|th:\n  type: oauth2\n', ['How HERA proves itself to the vendor', 'A system user access token.']],
    [
      'a field that an installer fills in',
      'auth:\n  fields:\n    token:\n      used_f|or: [calls]\n',
      ['The uses of the value'],
    ],
    ['an event', 'events:\n  order_paid:\n    idempotency_k|ey: [/id]\n', ['the same delivery twice', '/message_id']],
    ['its data', 'events:\n  order_paid:\n    data:\n      x-un|it: ms\n', ['The unit of a number']],
  ])('explains %s under the pointer', async (_name, text, wanted) => {
    const shown = await hover(text)
    for (const words of wanted) expect(shown).toContain(words)
  })

  test.each([
    ['a value that is none', 'category: crm', 'category: crms', { message: /Valid values: .*"crm"/, on: 'crms' }],
    [
      'a field that is none',
      'icon: users',
      'icon: users\nicons: users',
      { message: /icons is not allowed/, on: 'icons' },
    ],
    ['a wrong type', 'required: true', 'required: "yes"', { message: /Expected "boolean"/, on: '"yes"' }],
    ['a day that is none', 'read: 2026-11-23', 'read: 2026-13-23', { message: /date/, on: '2026-13-23' }],
    ['a missing field', /^vendor: .*\n/m, '', { message: /Missing property "vendor"/, on: 'c' }],
    ['a missing field of a part', /\n +label: Client ID/, '', { message: /Missing property "label"/, on: 'client_id' }],
    ['a form that is none', /^code: .*/m, 'code: HubSpot CRM', { message: /pattern/, on: 'HubSpot CRM' }],
    ['a value deep inside', 'direction: inbound', 'direction: inwards', { message: /"outbound"/, on: 'inwards' }],
    [
      'a keyword of the data that is none',
      /\n( +)properties:\n/,
      '\n$1propertys: {}\n$1properties:\n',
      { message: /propertys is not allowed/, on: 'propertys' },
    ],
    [
      'properties that say nothing of others',
      /\n +additionalProperties: (?:true|false)(?=\n)/,
      '',
      { message: /additionalProperties/, on: expect.anything() },
    ],
  ])('marks %s where it stands', async (_name, good, bad, { message, on }) => {
    const text = hubspot.slice(MODELINE.length)
    expect(text.replace(good, bad)).not.toBe(text)
    expect(await errorsIn(text.replace(good, bad))).toEqual([{ message: expect.stringMatching(message), on }])
  })

  test('fetches nothing', async () => {
    wentOutside = await editor.close()
    expect(wentOutside).toBe('')
  })
})

test('an editor that may look for formats elsewhere is seen to', async () => {
  const editor = await openEditor(root, {})
  await editor.errorsIn('definitions/acme-crm.yaml', 'code: acme-crm\n')
  expect(await editor.close()).toMatch(/went outside: \S+:443/)
})
