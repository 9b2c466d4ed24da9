import type { Handshake, Webhook } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import { templateParts } from '../../kit/signed-text.ts'
import { placeholders } from '../../kit/verify.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { suggestion } from '../../text/closest.ts'
import { signatureGaps } from '../../vocabulary/signatures.ts'
import { covers, handshakeGaps, responseGaps, stageOf } from './handshake-gaps.ts'
import { leavesOf } from './leaves.ts'
import type { RuleTable } from './rule.ts'

export const webhookRules = {
  'webhook/secret-unknown': {
    scope: 'definition',
    summary: 'Every secret that a webhook needs is an authentication field.',
    help: 'add the field under auth.fields, or name one that is there',
    why: "The kit takes secrets from the installation's fields; another name has no value there.",
    about: [
      'signature.secret',
      'proof.secret',
      'expectation.field',
      'handshake.keeps',
      'subscription.generates',
      'subscription.keeps',
    ],
    bad: snippet`
      secret: client_secrets
      signed: "{secret}{body}"
    `,
    good: snippet`
      secret: client_secret
      signed: "{secret}{body}"
    `,
    reads: ['webhook', 'auth'],
    check({ webhook, auth }, report) {
      const fields = Object.keys(auth.fields ?? {})
      for (const { field, path, at } of fieldsUsed(webhook ?? {})) {
        if (!fields.includes(field))
          report(path, `no authentication field "${field}"${suggestion(field, fields)}`, undefined, at)
      }
    },
  },
  'webhook/keep-not-secret': {
    scope: 'definition',
    summary: 'A field that is stored from a handshake or a subscription is a secret.',
    help: 'set `type: secret` for the field, or keep the value in another field',
    why: 'HERA encrypts secrets only. Anyone who reads such a value can forge deliveries.',
    about: ['handshake.keeps', 'subscription.keeps', 'subscription.generates'],
    bad: 'tenant_id: { in: body, at: /token }',
    good: 'verify_token: { in: body, at: /token }',
    reads: ['webhook', 'auth'],
    check({ webhook, auth }, report) {
      const { handshakes = [], subscriptions = {} } = webhook ?? {}
      const stored = [
        ...handshakes.flatMap(({ keeps = {} }, index) => storedFields({ keeps }, ['webhook', 'handshakes', index])),
        ...Object.entries(subscriptions).flatMap(([name, subscription]) =>
          storedFields(subscription, ['webhook', 'subscriptions', name]),
        ),
      ]
      for (const { field, path, at } of stored) {
        const type = Object.hasOwn(auth.fields ?? {}, field) ? auth.fields?.[field]?.type : undefined
        if (type !== undefined && type !== 'secret')
          report(path, `the field "${field}" has type ${type}, but is stored as a secret`, undefined, at)
      }
    },
  },
  'webhook/placeholder-unknown': {
    scope: 'definition',
    summary: 'Templates of the webhook hold only the placeholders that the format knows.',
    help: 'write a placeholder that the field knows, such as {timestamp}',
    why: 'The kit fills in the placeholders that it knows; another one would be signed as it stands, and no signature would match.',
    about: ['signature.signed', 'signaturePlace.format', 'handshake.response', 'handshake.keeps', 'proof.signed'],
    bad: 'signed: "{time}.{body}"',
    good: 'signed: "{timestamp}.{body}"',
    reads: ['webhook'],
    check({ webhook }, report) {
      for (const { found, known, path } of templatesOf(webhook ?? {}).flatMap(unknownPlaceholders))
        report(
          path,
          `unknown placeholder "${found}"`,
          known.length === 0 ? 'name the value under `values` first' : `write one of ${known.join(', ')}`,
        )
    },
  },
  'webhook/signature-incomplete': {
    scope: 'definition',
    summary: 'A signature scheme says what is signed and how it is written; only a token needs neither.',
    help: 'say `signed` and `encoding`; a signed timestamp needs `timestamp`, a plain hash needs {secret}',
    why: 'With less than this nobody can verify a delivery, and whoever cannot verify must refuse.',
    about: ['signature.signed', 'signature.encoding', 'signature.timestamp'],
    bad: snippet`
      signed: "{timestamp}.{body}"
      description: The raw bytes are signed.
    `,
    good: snippet`
      signed: "{timestamp}.{body}"
      timestamp: { in: header, at: X-Acme-Timestamp, form: unix-seconds, tolerance_seconds: 300 }
      description: The raw bytes are signed.
    `,
    reads: ['webhook'],
    check({ webhook }, report) {
      for (const [index, signature] of (webhook?.signatures ?? []).entries()) {
        const path = ['webhook', 'signatures', index]
        for (const { member, what, help } of signatureGaps(signature))
          report(member === undefined ? path : [...path, member], `scheme "${signature.name}" ${what}`, help)
        if (signature.algorithm === 'none' && (webhook?.signatures?.length ?? 0) > 1)
          report(
            [...path, 'algorithm'],
            `scheme "${signature.name}" accepts every request, so that no other scheme has an effect`,
            'delete this scheme, or the others',
          )
      }
    },
  },
  'webhook/handshake-incomplete': {
    scope: 'definition',
    summary: 'A handshake expects something definite, and responses have one body that their status and type allow.',
    help: 'an expectation has `equals` or `field`; a response has `text`, or `json`, or neither; a proof is a keyed hash',
    why: 'An expectation that nothing meets, or an answer in two ways, fails when the vendor checks the address. A value that is repeated in anything but plain text or JSON could be markup.',
    about: ['handshake.expect', 'handshake.proof', 'handshake.response', 'webhook.response'],
    bad: '- { in: query, at: mode }',
    good: '- { in: query, at: mode, equals: subscribe }',
    reads: ['webhook'],
    check({ webhook }, report) {
      for (const [index, handshake] of (webhook?.handshakes ?? []).entries()) {
        for (const { path, what, help } of handshakeGaps(handshake))
          report(['webhook', 'handshakes', index, ...path], what, help)
      }
      for (const { path, what, help } of webhook?.response === undefined ? [] : responseGaps(webhook.response))
        report(['webhook', 'response', ...path], what, help)
    },
  },
  'webhook/handshake-unreachable': {
    scope: 'definition',
    summary: 'Every handshake matches requests that no earlier handshake matches.',
    help: 'add a condition, or put the handshake with more conditions first',
    why: 'The first handshake that matches a request answers it; one that is never first is never answered.',
    about: ['webhook.handshakes', 'handshake.when', 'handshake.values'],
    bad: '- when: { method: GET, query: { challenge: again } }',
    good: '- when: { header: { X-Acme-Hook-Secret: true } }',
    reads: ['webhook'],
    check({ webhook }, report) {
      const handshakes = webhook?.handshakes ?? []
      // Signed handshakes are answered after the others.
      const order = [...handshakes.keys()].sort((left, right) => stageOf(handshakes, left) - stageOf(handshakes, right))
      for (const [position, index] of order.entries()) {
        const earlier = order.slice(0, position).find((other) => covers(handshakes[other], handshakes[index]))
        if (earlier !== undefined)
          report(
            ['webhook', 'handshakes', index, 'when'],
            `handshake ${earlier + 1} matches every request that handshake ${index + 1} matches`,
          )
      }
    },
  },
  'webhook/handshake-sample-mismatch': {
    scope: 'definition',
    summary: 'Every sample of a handshake is answered by that handshake, and as the sample expects.',
    help: 'correct the handshake, or the answer in the sample',
    why: 'Samples are run at every check; if one is answered differently, the vendor would reject the address.',
    about: ['handshake.samples', 'handshakeSample.answer', 'handshakeSample.keeps'],
    bad: 'request: { method: GET, query: mode=subscribe&token=made-up-token&challenge=c-2 }',
    good: 'request: { method: GET, query: mode=subscribe&token=made-up-token&challenge=c-1 }',
    reads: ['webhook'],
    check({ webhook }, report, { mismatches }) {
      const handshakes = webhook?.handshakes ?? []
      // Consequences of a mistake that has its own finding are not reported as well.
      const isMistaken = handshakes.some(
        (handshake) =>
          handshakeGaps(handshake).length > 0 ||
          handshakeTemplates(handshake, []).some((template) => unknownPlaceholders(template).length > 0),
      )
      if (isMistaken) return
      for (const { path, message, help } of mismatches) report(path, message, help)
    },
  },
} satisfies RuleTable

interface UsedField {
  readonly field: string
  readonly path: ValuePath
  /** A field that is a key of a mapping. */
  readonly at?: 'key'
}

function fieldsUsed({ signatures = [], handshakes = [], subscriptions = {} }: Partial<Webhook>): readonly UsedField[] {
  return [
    ...signatures.flatMap(({ secret }, index) =>
      secret === undefined ? [] : [{ field: secret, path: ['webhook', 'signatures', index, 'secret'] }],
    ),
    ...handshakes.flatMap((handshake, index) => handshakeFields(handshake, ['webhook', 'handshakes', index])),
    ...Object.entries(subscriptions).flatMap(([name, subscription]) =>
      storedFields(subscription, ['webhook', 'subscriptions', name]),
    ),
  ]
}

/** Fields that the application stores after a handshake or the creation of a subscription. */
function storedFields(
  { keeps = {}, generates = [] }: { readonly keeps?: object; readonly generates?: readonly string[] },
  at: ValuePath,
): readonly UsedField[] {
  return [
    ...generates.map((field, index) => ({ field, path: [...at, 'generates', index] })),
    ...Object.keys(keeps).map((field) => ({ field, path: [...at, 'keeps', field], at: 'key' as const })),
  ]
}

function handshakeFields({ expect = [], proof, keeps, samples = [] }: Handshake, at: ValuePath): readonly UsedField[] {
  const keysAt = (path: ValuePath, mapping: object = {}): readonly UsedField[] =>
    Object.keys(mapping).map((field) => ({ field, path: [...path, field], at: 'key' }))
  return [
    ...(proof === undefined ? [] : [{ field: proof.secret, path: [...at, 'proof', 'secret'] }]),
    ...expect.flatMap(({ field }, index) =>
      field === undefined ? [] : [{ field, path: [...at, 'expect', index, 'field'] }],
    ),
    ...storedFields(keeps === undefined ? {} : { keeps }, at),
    ...samples.flatMap(({ secrets, keeps: kept }, index) => [
      ...keysAt([...at, 'samples', index, 'secrets'], secrets),
      ...keysAt([...at, 'samples', index, 'keeps'], kept),
    ]),
  ]
}

/** Whether a placeholder has the form of one with an argument, such as `{header:name}`. */
function isPlaceholder(match: string, known: readonly string[]): boolean {
  const [part] = templateParts(match)
  if (typeof part !== 'object' || part.argument === '') return false
  const form = part.argument.startsWith('/') ? `{${part.name}:/pointer}` : `{${part.name}:name}`
  return known.includes(form)
}

const FORMAT = ['{signature}', '{timestamp}']
const SIGNED = Object.entries(placeholders).flatMap(([name, { argument }]) => [
  ...(argument === 'none' || argument === 'optional-pointer' ? [`{${name}}`] : []),
  ...(argument === 'name' ? [`{${name}:name}`] : []),
  ...(argument === 'pointer' || argument === 'optional-pointer' ? [`{${name}:/pointer}`] : []),
])

interface Template {
  readonly text: string
  readonly known: readonly string[]
  readonly path: ValuePath
}

function unknownPlaceholders({ text, known, path }: Template) {
  return [...text.matchAll(/\{[^}]*\}?/g)].flatMap(([found]) =>
    known.includes(found) || isPlaceholder(found, known) ? [] : [{ found, known, path }],
  )
}

function templatesOf({ signatures = [], handshakes = [] }: Partial<Webhook>): readonly Template[] {
  return [
    ...signatures.flatMap(({ signature, signed }, index): readonly Template[] => [
      { text: signature?.format ?? '', known: FORMAT, path: ['webhook', 'signatures', index, 'signature', 'format'] },
      { text: signed ?? '', known: SIGNED, path: ['webhook', 'signatures', index, 'signed'] },
    ]),
    ...handshakes.flatMap((handshake, index) => handshakeTemplates(handshake, ['webhook', 'handshakes', index])),
  ]
}

function handshakeTemplates({ values = {}, proof, keeps, response }: Handshake, at: ValuePath): readonly Template[] {
  const named = Object.keys(values).map((name) => `{${name}}`)
  const inAnswer = proof === undefined ? named : [...named, '{proof}']
  const { text = '', headers = {}, json } = response
  return [
    { text: proof?.signed ?? '', known: named, path: [...at, 'proof', 'signed'] },
    ...textsIn(keeps).map(({ text, path }) => ({ text, known: named, path: [...at, 'keeps', ...path] })),
    { text, known: inAnswer, path: [...at, 'response', 'text'] },
    ...textsIn(headers).map(({ text, path }) => ({
      text,
      known: inAnswer,
      path: [...at, 'response', 'headers', ...path],
    })),
    ...textsIn(json).map(({ text, path }) => ({ text, known: inAnswer, path: [...at, 'response', 'json', ...path] })),
  ]
}

/** The strings in a JSON value. */
function textsIn(value: unknown): readonly { readonly text: string; readonly path: ValuePath }[] {
  return leavesOf(value).flatMap(({ value: text, path }) => (typeof text === 'string' ? [{ text, path }] : []))
}
