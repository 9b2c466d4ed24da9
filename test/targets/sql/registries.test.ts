import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Registry } from '../../../generator/model/connector.ts'
import { ALLOW_ARCHIVING, seedPieces, verifyScript } from '../../../generator/targets/sql/sql-target.ts'
import { acme, edit, registryOf, zenith } from '../../support/acme.ts'
import { databases, type Row, type TestDatabase } from '../../support/databases.ts'
import { mayRun } from '../../support/servers.ts'

const third = edit(acme, ['code: acme-crm', 'code: third-crm'], ['namespace: ACME', 'namespace: THIRD'])
const texts = { 'acme-crm': acme, 'zenith-crm': zenith, 'third-crm': third }
type Code = keyof typeof texts

/** The definitions of a registry; without a name, the rows that its seed writes have no owner. */
function registry(name: string | undefined, ...codes: readonly Code[]): Registry {
  const { connectors } = registryOf(Object.fromEntries(codes.map((code) => [`${code}.yaml`, texts[code]])))
  return {
    connectors: connectors.map((connector) => (name === undefined ? connector : { ...connector, registry: name })),
  }
}

const together = (...registries: readonly Registry[]): Registry => ({
  connectors: registries.flatMap(({ connectors }) => connectors),
})

const seedOf = (given: Registry, only?: Code) => [...seedPieces(given, only, 'commit')].map(({ text }) => text).join('')

describe.each(databases)('$name', (kind) => {
  const title = kind.missing === undefined ? 'with the tables of HERA' : `skipped: ${kind.missing}`
  describe.runIf(mayRun(kind))(title, () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await kind.open()
    })
    beforeEach(async () => {
      await database.exec('reset hera.allow_archiving; truncate core_organizations cascade')
    })
    afterAll(() => database?.close())

    const seed = async (given: Registry, only?: Code) => (await database.exec(seedOf(given, only))).rows[0] ?? {}
    const rows = async (query: string) => (await database.exec(query)).rows

    /** Codes of the connectors in use, each with its owner. */
    async function inUse(): Promise<readonly string[]> {
      const found = await rows(
        "select concat_ws(' ', entity_code, metadata ->> 'registry') as line from core_entities where entity_type = 'INTEGRATION_CONNECTOR_DEF' and status = 'active' order by 1",
      )
      return found.map(({ line }) => String(line))
    }

    /** Every column of every row, with the transaction that wrote it. */
    async function everything(): Promise<readonly (readonly Row[])[]> {
      const tables = ['core_organizations', 'core_entities', 'core_dynamic_data', 'core_relationships']
      return Promise.all(
        tables.map((table) => rows(`select xmin::text, to_jsonb(t) as row from ${table} t order by id`)),
      )
    }

    async function failure(script: string): Promise<{ readonly code?: string; readonly message: string }> {
      return database.exec(script).then(
        () => expect.fail('nothing failed'),
        (error) => error,
      )
    }

    async function differences(given: Registry): Promise<readonly string[]> {
      try {
        expect((await database.exec(verifyScript(given))).rows[0]).toMatchObject({
          connectors: given.connectors.filter(({ is_base }) => is_base !== true).length,
        })
        return []
      } catch (error) {
        const { code, detail = '' } = error as { code?: string; detail?: string }
        if (code !== 'HC001') throw error
        return detail.split('\n')
      }
    }

    const open = registry('hera', 'acme-crm', 'third-crm')
    const own = registry('acme', 'zenith-crm')

    test('two registries are seeded in turn, and neither touches a row of the other', async () => {
      expect(await seed(open)).toMatchObject({ inserted: 2, archived: 0 })
      expect(await seed(own)).toMatchObject({ inserted: 1, archived: 0 })
      const before = await everything()
      for (const given of [open, own, open, own]) {
        expect(await seed(given)).toMatchObject({ inserted: 0, updated: 0, archived: 0 })
        expect(await differences(given)).toEqual([])
      }
      expect(await everything()).toEqual(before)
      expect(await inUse()).toEqual(['acme-crm hera', 'third-crm hera', 'zenith-crm acme'])
      // A connector that leaves one registry is archived by that one only.
      expect(await differences(registry('hera', 'acme-crm'))).toContain(
        'third-crm: left the registry, but its status is "active"',
      )
      expect(await seed(registry('hera', 'acme-crm'))).toMatchObject({ archived: 1 })
      expect(await inUse()).toEqual(['acme-crm hera', 'zenith-crm acme'])
      expect(await differences(own)).toEqual([])
    })

    test('one seed writes several registries, and leaves out those that are bases', async () => {
      const bases = open.connectors.map((connector) => ({ ...connector, is_base: true as const }))
      await seed(together({ connectors: bases }, own))
      expect(await inUse()).toEqual(['zenith-crm acme'])
      expect(await differences(together({ connectors: bases }, own))).toEqual([])
      await seed(together(open, own))
      expect(await inUse()).toEqual(['acme-crm hera', 'third-crm hera', 'zenith-crm acme'])
      expect(await differences(together(open, own))).toEqual([])
    })

    test('rows without an owner belong to the first registry that defines their code', async () => {
      await seed(registry(undefined, 'acme-crm', 'third-crm', 'zenith-crm'))
      expect(await seed(own)).toMatchObject({ inserted: 0, updated: 1, unchanged: 0, archived: 0 })
      expect(await inUse()).toEqual(['acme-crm', 'third-crm', 'zenith-crm acme'])
      expect(await differences(own)).toEqual([])
      expect(await seed(open)).toMatchObject({ updated: 2, archived: 0 })
      expect(await inUse()).toEqual(['acme-crm hera', 'third-crm hera', 'zenith-crm acme'])
    })

    test('with a connector go the events without an owner that it no longer has', async () => {
      await seed(registry(undefined, 'zenith-crm'))
      const [connector] = own.connectors
      if (connector === undefined) return expect.fail('no connector')
      const [event, ...events] = connector.events
      const shorter = { connectors: [{ ...connector, events }] }
      expect(await differences(shorter)).toContain(`${event?.code}: left the registry, but its status is "active"`)
      expect(await seed(shorter)).toMatchObject({ events_archived: 1 })
      expect(await differences(shorter)).toEqual([])
    })

    test.each([
      ['of a named registry', 'acme'],
      ['without a name', undefined],
    ])('a seed %s stops at a code of another registry, and changes nothing', async (_, name) => {
      await seed(open)
      const before = await everything()
      const taken = registry(name, 'acme-crm', 'zenith-crm')
      for (const script of [seedOf(taken), seedOf(taken, 'acme-crm')]) {
        expect(await failure(script)).toMatchObject({
          code: 'HC008',
          message: 'these connectors belong to other registries: acme-crm (hera)',
        })
      }
      expect(await everything()).toEqual(before)
      const owner = name === undefined ? 'missing' : '"acme"'
      expect(await differences(taken)).toContain(`acme-crm: metadata.registry is "hera", should be ${owner}`)
    })

    test('archiving more than half of a registry needs permission; the message lists what would be archived', async () => {
      await seed(registry('hera', 'acme-crm', 'third-crm', 'zenith-crm'))
      const before = await everything()
      expect(await failure(seedOf(registry('hera', 'acme-crm')))).toMatchObject({
        code: 'HC009',
        message: 'this would archive more than half: 2 of 3 connectors of the registry hera: third-crm, zenith-crm',
      })
      expect(await everything()).toEqual(before)
      const [counts] = (await database.exec(ALLOW_ARCHIVING + seedOf(registry('hera', 'acme-crm')))).rows
      expect(counts).toMatchObject({ archived: 2 })
      expect(await inUse()).toEqual(['acme-crm hera'])
      await database.exec('reset hera.allow_archiving')
      // Archived rows do not count.
      expect(await seed(registry('hera', 'acme-crm'))).toMatchObject({ archived: 0 })
    })

    test('a row that lost its code is found again only by its owner', async () => {
      await seed(open)
      await database.exec(
        "update core_entities set entity_code = null, updated_by = created_by where metadata ->> 'connector' = 'acme-crm'",
      )
      expect(await seed(registry('acme', 'acme-crm'))).toMatchObject({ inserted: 1 })
      expect(await inUse()).toEqual(['acme-crm acme', 'hera', 'third-crm hera'])
    })
  })
})
