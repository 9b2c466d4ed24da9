import { describe, expect, test } from 'vitest'
import { acme, edit, findingsIn } from '../../support/acme.ts'

describe('a slip in how deliveries are described is named', () => {
  const score = '        score: $.change.contact.score\n'
  const loop = "$.delivery.changes[?@.type == 'contact.created']"
  test.each<[string, readonly (readonly [string, string])[], string]>([
    ['descendants', [[loop, '$.delivery..changes[*]']], '".." is not supported: say where it stands'],
    [
      'slices',
      [[loop, '$.delivery.changes[0:2]']],
      'slices are not supported: take all elements, or those of an index',
    ],
    ['functions', [[loop, '$.delivery.changes[?length(@.type) > 2]']], 'functions are not supported'],
    [
      'several selectors',
      [[loop, "$.delivery['changes','more'][*]"]],
      'several selectors in one pair of brackets are not supported: make a path of each',
    ],
    [
      'a name that is not there',
      [['$.change.contact.score', '$.chance.contact.score']],
      'nothing is called "chance" here; there are $.delivery, $.request, $.change',
    ],
    [
      'a loop that begins below itself',
      [[loop, '$.change.changes[*]']],
      'nothing is called "change" here; there are $.delivery, $.request',
    ],
    [
      'the element where there is none',
      [['      data:\n        contact_id', '      when: "@.type == \'x\'"\n      data:\n        contact_id']],
      '"@" stands for nothing here: begin with $ and a name',
    ],
    [
      'a condition that is none',
      [[`${loop}\n`, `${loop}\n      when: $.change.type =\n`]],
      '"=" is no operator of a path',
    ],
    [
      'a word for an operator',
      [[loop, "$.delivery.changes[?@.type == 'contact.created' and @.contact]"]],
      '"and" is no operator of a path',
    ],
    [
      'an operator of SQL',
      [[loop, "$.delivery.changes[?@.type <> 'contact.created']"]],
      '"<>" is no operator of a path',
    ],
    [
      'two pointers without a comma',
      [['[/email, /address/street]', '[/email /address/street]']],
      '"/email /address/street" holds a space',
    ],
    [
      'a parameter with a colon',
      [['path: /contacts/{contact_id}', 'path: /contacts/:contact_id']],
      'a parameter stands in braces, not after a colon',
    ],
    [
      'a user in an address',
      [['support: https://dev', 'support: https://a:b@dev']],
      '"https://a:b@developers.acme.example/support" holds a name or password',
    ],
    [
      'data without properties',
      [
        [
          '      additionalProperties: true\n      properties:\n        contact_id:\n          type: string\n          description: Id of the contact.\n',
          '',
        ],
      ],
      'the data is an object without properties',
    ],
    [
      'a number for a text',
      [['      email: ada@example.com\n', '      email: 15550123\n']],
      '"email" must be text, got 15550123',
    ],
    [
      'a word for a time',
      [['created_at: "2026-11-23T10:00:00Z"', 'created_at: yesterday']],
      '"created_at" is not a date and time such as 2026-11-23T09:30:00Z',
    ],
    ['the item outside of a list', [['$.change.contact.score', '$.item.score']], 'nothing is called "item" here'],
    [
      'a time without its form',
      [['{ from: $.change.contact.created, as: unix-seconds }', '$.change.contact.created']],
      'the field is a time: say with `as` how the vendor writes it',
    ],
    [
      'a list that every event copies',
      [['tags: { each: "$.change.contact.tags[*]", data: $.item }', 'tags: $.delivery.tags']],
      'a list or an object outside of "change" is copied for every "change"',
    ],
    [
      'the form of a time for a number',
      [[score, '        score: { from: $.change.contact.score, as: unix-seconds }\n']],
      'the field is no time in the schema',
    ],
    [
      'a list for a number',
      [[score, '        score: { each: "$.change.contact.scores[*]", data: $.item }\n']],
      'the field is no list in the schema',
    ],
    [
      'an object for a number',
      [[score, '        score: { data: { value: $.change.contact.score } }\n']],
      'the field is no object in the schema',
    ],
    [
      'two ways at once',
      [[score, '        score: { from: $.change.contact.score, value: 1 }\n']],
      'a field has either from, or value, or data, or each with data',
    ],
    [
      'a constant that the schema refuses',
      [['stage: { from: $.change.contact.stage, without: [none] }', 'stage: { value: leed }']],
      'the schema allows lead, customer',
    ],
    [
      'a required field that nothing gives',
      [['        contact_id: $.change.contact.id\n', '']],
      'nothing gives "contact_id", which the schema requires',
    ],
    [
      'an event that is polled',
      [
        [
          '    - event: contact_created\n',
          '    - event: contact_polled\n      when: $.delivery.poll\n      data: { contact_id: $.delivery.id }\n    - event: contact_created\n',
        ],
      ],
      'the event "contact_polled" comes by poll, not by webhook',
    ],
    [
      'a sample that is no JSON',
      [['      body: \'{"changes"', "      body: '{changes"]],
      'the body of "Two changes" is not JSON',
    ],
    [
      'an item that is signed without the path of the items',
      [['signed: "{timestamp}.{body}"', 'signed: "{item:/id}.{timestamp}.{body}"']],
      'scheme "v2" reads an item without `for`',
    ],
    [
      'curly quotes',
      [['legal: Acme terms of use.', 'legal: “Acme terms of use.”']],
      'the quotes are curly, so they are part of the text',
    ],
    [
      'a sample whose data does not fit the schema',
      [['"contact":{"id":"c_1"', '"contact":{"id":"1"']],
      'the rules make no event of "Two changes"; the sample says contact_created',
    ],
    [
      'a further example without an idempotency key',
      [
        ['    idempotency_key: [/contact_id]\n    cites', '    idempotency_key: [/created_at]\n    cites'],
        ['      email: ada@example.com', '      created_at: "2026-11-23T09:00:00Z"'],
        ['          created_at: "2026-11-23T10:00:00Z"\n', ''],
      ],
      'the example has no value at any idempotency pointer',
    ],
    [
      'a change that is newer than the one above it',
      [
        [
          '    fix: Set the same token in both places.\n',
          '    fix: Set the same token in both places.\n\nchanges:\n  - version: 1.2.3\n    notes: [Newer.]\n  - version: 1.3.0\n    notes: [Older.]\n',
        ],
      ],
      '1.3.0 is not older than 1.2.3 above it',
    ],
    [
      'a client secret that is none',
      [['    client_secret: client_secret\n    pkce', '    client_secret: client_id\n    pkce']],
      'the field "client_id" is not a secret',
    ],
  ])('%s', (_, edits, message) => {
    const messages = findingsIn({ 'acme-crm.yaml': edit(acme, ...edits) }).map((finding) => finding.message)
    expect(messages.some((one) => one.startsWith(message))).toBe(true)
  })
})
