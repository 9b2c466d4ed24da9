import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { codeAt, definitionAt } from '../bench/definitions.ts'
import { edit } from '../support/acme.ts'
import { runCommand } from '../support/command.ts'

const root = mkdtempSync(join(tmpdir(), 'hera-parity-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Definitions beside the real ones. */
const GENERATED = 40
const real = join(import.meta.dirname, '..', '..', 'definitions')

/** Every fourth one repeats a value by an anchor. */
function definition(index: number): string {
  const text = definitionAt(index)
  if (index % 4 > 0) return text
  return edit(
    text,
    ['description: Keep as long', 'description: &kept Keep as long'],
    [/legal: .*/.exec(text)?.[0] ?? '', 'legal: *kept'],
  )
}

function workspace(name: string): string {
  const own = join(root, name)
  mkdirSync(own)
  cpSync(real, join(own, 'definitions'), { recursive: true })
  for (let index = 0; index < GENERATED; index += 1)
    writeFileSync(join(own, 'definitions', `${codeAt(index)}.yaml`), definition(index))
  return own
}

function output(own: string): ReadonlyMap<string, string> {
  const entries = readdirSync(join(own, 'generated'), { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(paths.sort().map((path) => [path.slice(own.length), readFileSync(path, 'utf8')]))
}

const change = (path: string, from: string, to: string) => (own: string) =>
  writeFileSync(join(own, path), edit(readFileSync(join(own, path), 'utf8'), [from, to]))

const REGISTRY = 'generated/json/registry.json'
const BENCH = `definitions/${codeAt(4)}.yaml`
const SAMPLE = 'definitions/samples/hubspot-crm/contact-creation.json'

/** Each starts from the state that the one before leaves. Those in `edits` change what the output has to be. */
const edits: Readonly<Record<string, (own: string) => void>> = {
  'a cold run': () => {},
  'a run after an edit of one definition': change(BENCH, 'summary: What happened', 'summary: Everything that happened'),
  'a run after an edit of a definition with samples': change(
    'definitions/whatsapp-business-cloud.yaml',
    'purpose: ',
    'purpose: Mainly, ',
  ),
  'a run after an edit of a sample': (own) => appendFileSync(join(own, SAMPLE), '\n'),
  'a run after the edit is undone': change(BENCH, 'summary: Everything that happened', 'summary: What happened'),
  'a run with a definition more': (own) =>
    writeFileSync(join(own, 'definitions', `${codeAt(GENERATED)}.yaml`), definition(GENERATED)),
  'a run with two definitions less': (own) => {
    for (const code of [codeAt(7), 'linkedin-api']) rmSync(join(own, 'definitions', `${code}.yaml`))
  },
}

const damages: Readonly<Record<string, (own: string) => void>> = {
  'a warm run': () => {},
  'a run after an output file changes and keeps its size and time': (own) => {
    const path = join(own, REGISTRY)
    const { atime, mtime } = statSync(path)
    change(REGISTRY, 'HERA', 'HARE')(own)
    utimesSync(path, atime, mtime)
  },
  'a run after output files and a folder are deleted': (own) => {
    for (const path of [REGISTRY, 'generated/sql/verify.sql', 'generated/docs/connectors'])
      rmSync(join(own, path), { recursive: true })
  },
  'a run after the whole output folder is deleted': (own) => rmSync(join(own, 'generated'), { recursive: true }),
  'a run after every cached file is damaged in the middle': (own) => {
    const folder = join(own, '.hera')
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const bytes = readFileSync(path)
      const middle = Math.floor(bytes.length / 2)
      bytes[middle] = (bytes[middle] ?? 0) ^ 1
      writeFileSync(path, bytes)
    }
    rmSync(join(own, REGISTRY))
  },
}

test('cached runs write the same bytes as runs without a cache', () => {
  const [cached, uncached] = [workspace('cached'), workspace('uncached')]
  const generate = (own: string, ...flags: readonly string[]) => {
    expect(runCommand(['generate', ...flags], { cwd: own })).toMatchObject({ status: 0, stderr: '' })
    return output(own)
  }
  for (const [name, apply] of Object.entries(edits)) {
    for (const own of [cached, uncached]) apply(own)
    expect(generate(cached), name).toEqual(generate(uncached, '--no-cache'))
  }
  const wanted = output(uncached)
  for (const [name, apply] of Object.entries(damages)) {
    apply(cached)
    expect(generate(cached), name).toEqual(wanted)
  }
}, 300_000)

test('a link in place of an output folder stops cached and uncached runs alike', () => {
  const own = join(root, 'linked')
  mkdirSync(join(own, 'definitions'), { recursive: true })
  writeFileSync(join(own, 'definitions', `${codeAt(0)}.yaml`), definition(0))
  expect(runCommand(['generate'], { cwd: own }).status).toBe(0)
  const folder = join(own, 'generated/sql/connectors')
  renameSync(folder, join(own, 'elsewhere'))
  symlinkSync(join(own, 'elsewhere'), folder)
  for (const flags of [[], ['--no-cache']]) {
    const { status, stdout } = runCommand(['check', ...flags], { cwd: own })
    expect(stdout).toContain('not generated, and in the way generated/sql/connectors')
    expect(status).toBe(1)
  }
})
