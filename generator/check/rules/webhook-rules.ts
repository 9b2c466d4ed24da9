import type { Definition } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { suggestion } from '../../text/closest.ts'
import type { RuleTable } from './rule.ts'

type Signature = Definition['webhook']['signatures'][number]

export const webhookRules = {
  'webhook/secret-unknown': {
    scope: 'definition',
    summary: 'Every secret that a webhook needs is an authentication field.',
    help: 'add the field under auth.fields, or name one that is there',
    why: "The kit takes secrets from the installation's fields; another name has no value there.",
    about: ['signature.secret', 'proof.secret', 'expectation.field'],
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
      const fields = Object.keys(auth.fields)
      for (const { field, path } of fieldsUsed(webhook)) {
        if (!fields.includes(field)) report(path, `no authentication field "${field}"${suggestion(field, fields)}`)
      }
    },
  },
  'webhook/placeholder-unknown': {
    scope: 'definition',
    summary: 'Templates of the webhook hold only the placeholders that the format knows.',
    help: 'write a placeholder that the field knows, such as {timestamp}',
    why: 'The kit fills in the placeholders that it knows; another one would be signed as it stands, and no signature would match.',
    about: ['signature.signed', 'signature.format', 'handshake.answer'],
    bad: 'signed: "{time}.{body}"',
    good: 'signed: "{timestamp}.{body}"',
    reads: ['webhook'],
    check({ webhook }, report) {
      for (const { text, known, path } of templatesOf(webhook)) {
        for (const [match] of text.matchAll(/\{[^}]*\}?/g)) {
          if (!known.includes(match))
            report(path, `"${match}" stands for nothing here`, `write one of ${known.join(', ')}`)
        }
      }
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
      timestamp: { header: X-Acme-Timestamp, unit: s, tolerance_seconds: 300 }
      description: The raw bytes are signed.
    `,
    reads: ['webhook'],
    check({ webhook }, report) {
      for (const [index, signature] of webhook.signatures.entries()) {
        for (const { what, help } of gapsOf(signature))
          report(['webhook', 'signatures', index], `scheme "${signature.name}" ${what}`, help)
      }
    },
  },
  'webhook/handshake-incomplete': {
    scope: 'definition',
    summary: 'A handshake expects something definite and answers in one way.',
    help: 'an expectation has `equals` or `field`; an answer has `text` (text/plain) or `json` (application/json)',
    why: 'An expectation that nothing meets, or an answer in two ways, fails when the vendor checks the address.',
    about: ['handshake.expect', 'handshake.answer'],
    bad: '- { in: query, name: mode }',
    good: '- { in: query, name: mode, equals: subscribe }',
    reads: ['webhook'],
    check({ webhook }, report) {
      const { handshake } = webhook
      if (handshake === undefined) return
      for (const [index, { equals, field, name }] of (handshake.expect ?? []).entries()) {
        if ((equals === undefined) === (field === undefined)) {
          report(
            ['webhook', 'handshake', 'expect', index],
            `"${name}" must equal a constant or a field, one of the two`,
          )
        }
      }
      const { content_type, text, json } = handshake.answer
      const fits =
        content_type === 'text/plain'
          ? text !== undefined && json === undefined
          : json !== undefined && text === undefined
      if (!fits)
        report(
          ['webhook', 'handshake', 'answer'],
          `a ${content_type} answer has ${content_type === 'text/plain' ? '`text`' : '`json`'} and nothing else`,
        )
    },
  },
} satisfies RuleTable

function fieldsUsed({
  signatures,
  handshake,
}: Definition['webhook']): readonly { readonly field: string; readonly path: ValuePath }[] {
  const proof = handshake?.proof
  return [
    ...signatures.map(({ secret }, index) => ({ field: secret, path: ['webhook', 'signatures', index, 'secret'] })),
    ...(proof === undefined ? [] : [{ field: proof.secret, path: ['webhook', 'handshake', 'proof', 'secret'] }]),
    ...(handshake?.expect ?? []).flatMap(({ field }, index) =>
      field === undefined ? [] : [{ field, path: ['webhook', 'handshake', 'expect', index, 'field'] }],
    ),
  ]
}

const SIGNED = ['{body}', '{method}', '{url}', '{timestamp}', '{id}', '{secret}']
const FORMAT = ['{signature}', '{timestamp}']
const ANSWER = ['{challenge}', '{proof}']

interface Template {
  readonly text: string
  readonly known: readonly string[]
  readonly path: ValuePath
}

function templatesOf({ signatures, handshake }: Definition['webhook']): readonly Template[] {
  const schemes = signatures.flatMap(({ format, signed }, index): readonly Template[] => [
    { text: format, known: FORMAT, path: ['webhook', 'signatures', index, 'format'] },
    { text: signed ?? '', known: SIGNED, path: ['webhook', 'signatures', index, 'signed'] },
  ])
  if (handshake === undefined) return schemes
  const { answer, proof } = handshake
  return [
    ...schemes,
    { text: proof?.signed ?? '', known: ['{challenge}'], path: ['webhook', 'handshake', 'proof', 'signed'] },
    { text: answer.text ?? '', known: ANSWER, path: ['webhook', 'handshake', 'answer', 'text'] },
    ...Object.entries(answer.json ?? {}).map(([name, text]) => ({
      text,
      known: ANSWER,
      path: ['webhook', 'handshake', 'answer', 'json', name],
    })),
  ]
}

interface Gap {
  readonly what: string
  readonly help: string
}

function gapsOf({ algorithm, encoding, signed, timestamp, format, id_header }: Signature): readonly Gap[] {
  const gaps: Gap[] = []
  if (!format.includes('{signature}'))
    gaps.push({ what: 'has a format without {signature}', help: 'write {signature} where the signature stands' })
  if (algorithm === 'token') return gaps
  if (signed === undefined)
    gaps.push({ what: 'does not say what is signed', help: 'add signed: "{body}", or what else is signed' })
  if (encoding === undefined)
    gaps.push({ what: 'does not say how the signature is encoded', help: 'add encoding: hex, or base64' })
  if (signed?.includes('{timestamp}') && timestamp === undefined)
    gaps.push({
      what: 'signs a timestamp that it does not describe',
      help: 'add timestamp: { header: …, unit: s, tolerance_seconds: 300 }',
    })
  if (signed?.includes('{id}') && id_header === undefined)
    gaps.push({ what: 'signs an id whose header it does not name', help: 'add id_header: and the header' })
  if (algorithm === 'sha256' && signed?.includes('{secret}') === false)
    gaps.push({
      what: 'is a plain hash over text without the secret',
      help: 'write {secret} where it stands in the text',
    })
  return gaps
}
