import { expect, test } from 'vitest'
import { verdictsOf } from '../../../generator/compatibility/verdict.ts'
import { acme, edit, findingsIn, registryOf } from '../../support/acme.ts'

/** The last shared schema of the fixture, and what follows. */
const COMMON = `  contact_id:
    type: string
    description: Id of the contact.

event_fields:
  required: [contact_id]
  properties:
    contact_id:
      $ref: "#/schemas/contact_id"

`

/** Two events whose field `contact_id` is defined once. */
const shared = edit(
  acme,
  ['\nevents:\n', `${COMMON}events:\n`],
  [
    '        contact_id:\n          type: string\n          description: Id of the contact.\n    example: { contact_id: c_3 }',
    '        seen: { type: boolean, description: Whether it was seen before. }\n    example: { contact_id: c_3 }',
  ],
  [
    '        contact_id:\n          type: string\n          description: Id of the contact.\n    example: { contact_id: c_4 }',
    '        added: { type: boolean, description: Whether it is new. }\n    example: { contact_id: c_4 }',
  ],
)

function findingsFor(...edits: Parameters<typeof edit>[1][]) {
  const text = edit(shared, ...edits)
  return findingsIn({ 'acme-crm.yaml': text }).map(({ code, message, span }) => ({
    code,
    message,
    line: text.split('\n')[span.start.line - 1]?.trim(),
  }))
}

test('a definition with shared schemas and fields has no finding', () => {
  expect(findingsFor()).toEqual([])
})

test('a finding in a shared schema is reported once, at its place', () => {
  expect(
    findingsFor([
      '  contact_id:\n    type: string\n    description: Id of the contact.\n\n',
      '  contact_id:\n    type: string\n    pattern: "([0-9]+)+$"\n    description: Id of the contact.\n\n',
    ]),
  ).toEqual([expect.objectContaining({ code: 'event/pattern-unsafe', line: 'pattern: "([0-9]+)+$"' })])
})

test('a finding in a common field is reported once, at its place', () => {
  expect(
    findingsFor([
      '  required: [contact_id]\n  properties:\n    contact_id:\n',
      '  required: [contact_id]\n  properties:\n    name: { type: string }\n    contact_id:\n',
    ]),
  ).toEqual([expect.objectContaining({ code: 'event/property-undescribed', line: 'name: { type: string }' })])
  expect(
    findingsFor(['  required: [contact_id]\n  properties:', '  required: [contact_id, nam]\n  properties:']),
  ).toEqual([expect.objectContaining({ code: 'event/required-undeclared', line: 'required: [contact_id, nam]' })])
})

test('an unknown reference is reported where it is written, with a suggestion', () => {
  expect(findingsFor(['"#/schemas/contact_id"', '"#/schemas/contact_ids"'])).toEqual([
    expect.objectContaining({ code: 'shared-schema/unused', line: 'contact_id:' }),
    {
      code: 'event/reference-unknown',
      message: '"#/schemas/contact_ids" is not defined; did you mean "#/schemas/contact_id"?',
      line: '$ref: "#/schemas/contact_ids"',
    },
  ])
})

test('a schema that violates the format is the only finding about it', () => {
  expect(findingsFor(['  contact_id:\n    type: string\n', '  contact_id:\n    type: text\n'])).toEqual([
    expect.objectContaining({ code: 'schema/enum', line: 'type: text' }),
  ])
})

test('references that double are a finding, and soon', () => {
  const levels = Array.from(
    { length: 40 },
    (_, level) =>
      `  d${level}:\n    anyOf: [{ $ref: "#/schemas/d${level + 1}" }, { $ref: "#/schemas/d${level + 1}" }]\n`,
  )
  const found = findingsFor(
    ['schemas:\n', `schemas:\n${levels.join('')}  d40: { type: string }\n`],
    ['seen: { type: boolean,', 'seen: { $ref: "#/schemas/d0",'],
  )
  expect(found.map(({ code }) => code)).toContain('load/too-complex')
  expect(found.filter(({ code }) => code === 'load/too-complex')).toHaveLength(1)
})

test('diff reports nothing when events begin to share a schema', () => {
  const apart = edit(
    shared,
    [COMMON, ''],
    ['        seen: {', '        contact_id: { type: string, description: Id of the contact. }\n        seen: {'],
    ['        added: {', '        contact_id: { type: string, description: Id of the contact. }\n        added: {'],
    [
      '      additionalProperties: true\n      properties:\n        contact_id: {',
      '      additionalProperties: true\n      required: [contact_id]\n      properties:\n        contact_id: {',
    ],
    [
      'version: 1\n    data:\n      type: object\n      additionalProperties: false\n      properties:\n        contact_id: {',
      'version: 1\n    data:\n      type: object\n      additionalProperties: false\n      required: [contact_id]\n      properties:\n        contact_id: {',
    ],
  )
  expect(verdictsOf(registryOf({ 'acme-crm.yaml': apart }), registryOf({ 'acme-crm.yaml': shared }))).toEqual([])
})
