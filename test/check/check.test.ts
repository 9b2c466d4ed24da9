import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { acme, edit, findingsIn } from '../support/acme.ts'

const model = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'shipment-desk.yaml'), 'utf8')

test('a finding about a value that an alias repeats is reported once', () => {
  const broken = edit(model, [
    'weight: { type: number, description: Weight of the shipment., ',
    'weight: { type: number, ',
  ])
  expect(findingsIn({ 'shipment-desk.yaml': broken }).map(({ code }) => code)).toEqual(['event/property-undescribed'])
})

test('the order of fields is not a finding', () => {
  const unordered = edit(acme, ['vendor: Acme\nicon: users\n', 'icon: users\nvendor: Acme\n'])
  expect(findingsIn({ 'acme-crm.yaml': unordered })).toEqual([])
})

test('a rule runs on a definition without the optional parts that it reads', () => {
  const start = model.indexOf('\nwebhook:')
  const silent = model.slice(0, start) + model.slice(model.indexOf('\ntroubleshooting:'))
  // A draft may lack what is not looked up yet.
  expect(findingsIn({ 'shipment-desk.yaml': silent })).toEqual([])
  const found = findingsIn({ 'shipment-desk.yaml': silent.replace('status: draft', 'status: active') })
  expect(found.map(({ code }) => code)).toEqual(['delivery/event-missing', 'delivery/event-missing'])
})
