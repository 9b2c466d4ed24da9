import { acme, edit, registryOf, zenith } from '../support/acme.ts'

/** An event with every kind of schema, and with a definition that another event names alike. */
const merged = `  contact_merged:
    summary: Two contacts became one
    direction: inbound
    source: emitted
    version: 2
    data:
      type: object
      additionalProperties: false
      required: [winner, losers]
      properties:
        winner:
          $ref: "#/$defs/contact"
        losers:
          type: array
          description: The contacts that are gone.
          minItems: 1
          items:
            $ref: "#/$defs/contact"
        address:
          $ref: "#/$defs/address"
          description: The address that was kept.
        reason:
          description: Why they were merged.
          oneOf:
            - type: string
              description: In words.
            - type: object
              description: By a rule.
              additionalProperties: false
              required: [rule_id]
              properties:
                rule_id:
                  type: integer
                  description: Number of the rule.
        channel:
          type: [string, "null"]
          enum: [form, import, api, telephone, fax, telegram, letter, visit, exhibition, recommendation, "carrier pigeon", null]
          description: Where it began.
        kind:
          const: merge
          description: Always the same.
        old_id:
          type: string
          deprecated: true
          description: Read winner.id instead.
        notes:
          description: Whatever Acme adds.
        scores:
          type: object
          description: Points by category.
          additionalProperties:
            type: integer
            x-unit: points
            description: Points.
        matrix:
          type: array
          description: Rows of cells.
          items:
            type: array
            items:
              type: [number, "null"]
        nothing:
          type: object
          additionalProperties: false
          description: Reserved.
        duration:
          type: integer
          x-unit: ms
          default: 0
          examples: [12, 250]
          description: How long it took.
      $defs:
        contact:
          type: object
          description: A contact.
          additionalProperties: true
          required: [id]
          properties:
            id:
              type: string
              description: Id of the contact.
        address:
          type: object
          description: An address in one line.
          additionalProperties: false
          properties:
            line:
              type: string
              description: The line.
    example:
      winner: { id: c_1, extra: 1 }
      losers: [{ id: c_2 }]
      address: { line: 1 Main Street }
      reason: { rule_id: 7 }
      channel: null
      kind: merge
      scores: { loyalty: 3 }
      matrix: [[1, null], []]
      nothing: {}
      notes: [anything, { at: all }]
    examples:
      - summary: In words
        data: { winner: { id: c_1 }, losers: [{ id: c_2 }], reason: same mail address, channel: carrier pigeon, duration: 12 }
    idempotency_key: [/winner/id]
`

/** Two connectors; both have an event contact_created. */
export const fixtureRegistry = registryOf({
  'acme-crm.yaml': edit(acme, ['  contact_polled:\n', `${merged}  contact_polled:\n`]),
  'zenith-crm.yaml': zenith,
})
