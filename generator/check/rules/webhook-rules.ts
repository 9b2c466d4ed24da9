import type { Webhook } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import { templateParts } from '../../kit/signed-text.ts'
import { placeholders } from '../../kit/verify.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { suggestion } from '../../text/closest.ts'
import { signatureGaps } from '../../vocabulary/signatures.ts'
import type { RuleTable } from './rule.ts'

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
      const fields = Object.keys(auth.fields ?? {})
      for (const { field, path } of webhook === undefined ? [] : fieldsUsed(webhook)) {
        if (!fields.includes(field)) report(path, `no authentication field "${field}"${suggestion(field, fields)}`)
      }
    },
  },
  'webhook/placeholder-unknown': {
    scope: 'definition',
    summary: 'Templates of the webhook hold only the placeholders that the format knows.',
    help: 'write a placeholder that the field knows, such as {timestamp}',
    why: 'The kit fills in the placeholders that it knows; another one would be signed as it stands, and no signature would match.',
    about: ['signature.signed', 'signaturePlace.format', 'handshake.answer'],
    bad: 'signed: "{time}.{body}"',
    good: 'signed: "{timestamp}.{body}"',
    reads: ['webhook'],
    check({ webhook }, report) {
      for (const { text, known, path } of webhook === undefined ? [] : templatesOf(webhook)) {
        for (const [match] of text.matchAll(/\{[^}]*\}?/g)) {
          if (!known.includes(match) && !isPlaceholder(match, known))
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
    summary: 'A handshake expects something definite and answers in one way.',
    help: 'an expectation has `equals` or `field`; an answer has `text` (text/plain) or `json` (application/json)',
    why: 'An expectation that nothing meets, or an answer in two ways, fails when the vendor checks the address.',
    about: ['handshake.expect', 'handshake.answer'],
    bad: '- { in: query, name: mode }',
    good: '- { in: query, name: mode, equals: subscribe }',
    reads: ['webhook'],
    check({ webhook }, report) {
      const handshake = webhook?.handshake
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
  signatures = [],
  handshake,
}: Webhook): readonly { readonly field: string; readonly path: ValuePath }[] {
  const proof = handshake?.proof
  return [
    ...signatures.flatMap(({ secret }, index) =>
      secret === undefined ? [] : [{ field: secret, path: ['webhook', 'signatures', index, 'secret'] }],
    ),
    ...(proof === undefined ? [] : [{ field: proof.secret, path: ['webhook', 'handshake', 'proof', 'secret'] }]),
    ...(handshake?.expect ?? []).flatMap(({ field }, index) =>
      field === undefined ? [] : [{ field, path: ['webhook', 'handshake', 'expect', index, 'field'] }],
    ),
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
const ANSWER = ['{challenge}', '{proof}']

interface Template {
  readonly text: string
  readonly known: readonly string[]
  readonly path: ValuePath
}

function templatesOf({ signatures = [], handshake }: Webhook): readonly Template[] {
  const schemes = signatures.flatMap(({ signature, signed }, index): readonly Template[] => [
    { text: signature?.format ?? '', known: FORMAT, path: ['webhook', 'signatures', index, 'signature', 'format'] },
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
