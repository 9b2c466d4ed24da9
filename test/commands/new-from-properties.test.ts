import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { newDefinition } from '../../generator/commands/new.ts'
import { OperationalError } from '../../generator/diagnostics/operational-error.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { targets } from '../../generator/targets/targets.ts'
import { emit } from '../support/emit.ts'
import { fc } from '../support/property.ts'
import { bodySchemas } from '../support/schemas.ts'

const folder = mkdtempSync(join(tmpdir(), 'hera-new-from-properties-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let runs = 0

/** The refusal, or undefined where a definition was written. */
async function refusalOf(document: unknown): Promise<string | undefined> {
  runs += 1
  const own = join(folder, String(runs))
  const file = join(folder, `${runs}.json`)
  writeFileSync(file, JSON.stringify(document))
  try {
    await newDefinition({ definitions: [own], given: { code: 'random' }, from: [file], today: '2026-11-24' })
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error
    return error.message
  }
  const { registry, diagnostics } = await readRegistry([own])
  expect(diagnostics).toEqual([])
  expect(registry.connectors).toHaveLength(1)
  for (const target of targets) await emit(target, registry)
  return undefined
}

test('of any schema comes a definition that is valid and can be generated from, or a reason why not', async () => {
  const refusals: (string | undefined)[] = []
  await fc.assert(
    fc.asyncProperty(bodySchemas, async (document) => {
      const refusal = await refusalOf(document)
      refusals.push(refusal)
      if (refusal !== undefined) expect(refusal).toMatch(/^no event can be imported: .+: .+/)
    }),
    { numRuns: Number(process.env.RUNS ?? 150) },
  )
  const written = refusals.filter((refusal) => refusal === undefined).length
  // Were nearly all refused, the property would say nothing.
  expect(written).toBeGreaterThan(refusals.length / 4)
}, 600_000)
