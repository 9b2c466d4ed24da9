import type { Explanation } from '../diagnostics/explanation.ts'
import { snippet } from '../diagnostics/explanation.ts'

/** Why a value does not fit the definition format. */
export const schemaDiagnostics = {
  'schema/empty': {
    why: 'An empty list or text says nothing; leave the field out where it may be, or fill it in.',
    bad: 'scopes: []',
    good: 'scopes: [contacts.read]',
  },
  'schema/enum': {
    why: 'The database, the types and the guide know a closed set of values here.',
    bad: 'direction: incoming',
    good: 'direction: inbound',
  },
  'schema/format': {
    why: 'Addresses, dates and regular expressions are used as such, so they must be written as such.',
    bad: 'read: 20.11.2026',
    good: 'read: "2026-11-20"',
  },
  'schema/missing-field': {
    why: 'The SQL, the types or the guide need the field; without it their output would have a hole.',
    bad: snippet`
      - name: searches
        formula: 5 × seats an hour
    `,
    good: snippet`
      - name: searches
        scope: user
        formula: 5 × seats an hour
    `,
  },
  'schema/name': {
    why: 'Names become columns, types and anchors, so all of them are written in one way.',
    bad: 'contactPolled:',
    good: 'contact_polled:',
  },
  'schema/no-definition': {
    why: 'A file without one field of a definition is something else, and a list of all that is missing would help nobody.',
    bad: snippet`
      on: [push]
      jobs: {}
    `,
    good: 'code: acme-crm',
  },
  'schema/pattern': {
    why: 'The value goes where only this form is accepted, such as a path, a version, a header or a namespace.',
    bad: 'path: contacts/{contact_id}',
    good: 'path: /contacts/{contact_id}',
  },
  'schema/repeated': {
    why: 'An entry that stands twice in a list is counted once by some readers and twice by others.',
    bad: 'sync_objects: [contacts, contacts]',
    good: 'sync_objects: [contacts, companies]',
  },
  'schema/too-large': {
    why: "The number is larger than anything real; an event's version counts its shapes, and is no year.",
    bad: snippet`
      version: 2026
      scopes: [contacts.read]
    `,
    good: snippet`
      version: 1
      scopes: [contacts.read]
    `,
  },
  'schema/too-long': {
    why: 'The text is shown where it must fit, or stored in a column that holds no more.',
    bad: 'vendor: Acme, the company that was founded by the coyote and now makes nearly everything there is',
    good: 'vendor: Acme',
  },
  'schema/too-many': {
    why: "Each loop multiplies what a delivery becomes; nobody's deliveries nest deeper than this.",
    bad: 'for: { a: "$.delivery[*]", b: "$.a[*]", c: "$.b[*]", d: "$.c[*]", e: "$.d[*]", f: "$.e[*]", g: "$.f[*]" }',
    good: snippet`
      for: { change: "$.delivery.changes[?@.type == 'contact.created']" }
    `,
  },
  'schema/too-small': {
    why: 'The number is smaller than anything real, such as a limit of no calls at all.',
    bad: 'limit: 0',
    good: 'limit: 110',
  },
  'schema/type': {
    why: 'A number, a text, a list or a mapping is read in different ways; YAML decides by quotes, dashes and colons which one it is.',
    bad: 'personal_data: /email',
    good: 'personal_data: [/email, /address/street]',
  },
  'schema/unknown-field': {
    why: 'A field that nothing reads is most often misspelled, and its value would silently be lost.',
    bad: 'acess: Needs a review by Acme.',
    good: 'access: Needs a review by Acme.',
  },
} satisfies Readonly<Record<string, Explanation>>
