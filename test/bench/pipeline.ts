// Measures whole runs of the command next to a floor and a naive pipeline, and the printing of types next to other
// tools: `npm run bench`. With `--write` the table goes to results.md and the ratios to ratios.json; without, ratios that
// are a fifth worse than those are named, which is a warning and no failure.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { codeAt, writeDefinitions } from './definitions.ts'
import { measure, paired, type Usage } from './measure.ts'
import { typePrinters } from './type-printers.ts'

const here = import.meta.dirname
const cli = join(here, '..', '..', 'dist', 'cli.js')
const flags = process.argv.slice(2)
const counts = flags.filter((flag) => /^\d+$/.test(flag)).map(Number)
const [resultsPath, ratiosPath] = [join(here, 'results.md'), join(here, 'ratios.json')]

/** How often the short runs are measured; the long ones move less. */
const TIMES = 11
/** Above this the naive pipeline is left out: it would run for a quarter of an hour and more. */
const NAIVE_UP_TO = 1000

const rows: string[][] = []
const ratios: Record<string, number> = {}
const folder = mkdtempSync(join(tmpdir(), 'hera-bench-'))
try {
  measureStart()
  for (const count of counts.length === 0 ? [5, 100, 1000, 10_000] : counts) await measureCount(count)
  report(await typePrinters())
} finally {
  rmSync(folder, { recursive: true })
}

function measureStart(): void {
  for (const flag of ['--version', '--help']) {
    const { one, other, ratio } = paired(
      () => measure([cli, flag]),
      () => measure(['-e', '0']),
      TIMES,
    )
    add(['', flag], one, `${times(ratio)} bare node (${seconds(other.wall)})`)
    ratios[flag] = ratio
  }
}

async function measureCount(count: number): Promise<void> {
  const own = join(folder, String(count))
  await writeDefinitions(join(own, 'definitions'), count)
  const runs = count >= 1000 ? 1 : 3
  const floor = () => measure([join(here, 'floor.mjs'), join(own, 'definitions'), join(own, 'generated'), fresh()], own)
  const cold = () => measure([cli, 'generate', '--definitions', join(own, 'definitions')], fresh())
  // The floor writes as much as ours, which has to be there for that.
  measure([cli, 'generate'], own)
  const { one, other, ratio } = paired(cold, floor, runs)
  if (count <= NAIVE_UP_TO)
    add([count, 'naive pipeline'], measure([join(here, 'naive.mjs'), join(own, 'definitions'), 'naive'], fresh()))
  add([count, 'floor: read, parse, write the same bytes'], other)
  add([count, 'generate from nothing'], one, `${times(ratio)} the floor`)
  ratios[`${count} cold`] = ratio
  measureUnchanged(count, own)
  measureEdits(count, own)
}

/**
 * A folder that was never used, when the disk has come to rest: a file system is busy for a while with what was written
 * or deleted before, and slow meanwhile.
 */
function fresh(): string {
  const path = mkdtempSync(join(folder, 'fresh-'))
  execFileSync('sync')
  return path
}

function measureUnchanged(count: number, own: string): void {
  for (const command of ['validate', 'check', 'generate']) {
    measure([cli, command], own)
    const { one, other, ratio } = paired(
      () => measure([cli, command], own),
      () => measure(['-e', '0'], own),
      TIMES,
    )
    add([count, `${command}, nothing changed`], one, `${times(ratio)} bare node (${seconds(other.wall)})`)
    ratios[`${count} ${command} unchanged`] = ratio
  }
}

/** What one edit adds to a run without a change, in runs of that one definition alone from nothing. */
function measureEdits(count: number, own: string): void {
  const lone = join(folder, `${count}-lone`)
  const name = `${codeAt(count - 1)}.yaml`
  const text = readFileSync(join(own, 'definitions', name), 'utf8')
  let edits = 0
  const edit = () => {
    edits += 1
    writeFileSync(
      join(own, 'definitions', name),
      text.replace('summary: What', `summary: For the ${edits}th time what`),
    )
    return measure([cli, 'generate'], own)
  }
  const alone = () => {
    rmSync(lone, { recursive: true, force: true })
    mkdirSync(join(lone, 'definitions'), { recursive: true })
    writeFileSync(join(lone, 'definitions', name), text)
    return measure([cli, 'generate'], lone)
  }
  const { one, other, ratio } = paired(edit, alone, count >= 1000 ? 3 : TIMES)
  add([count, 'generate, one edited'], one, `${times(ratio)} one alone from nothing (${seconds(other.wall)})`)
  ratios[`${count} one edited`] = ratio
}

function add([count, what]: readonly [number | string, string], { wall, cpu, peak }: Usage, ratio = ''): void {
  const row = [String(count), what, seconds(wall), seconds(cpu), `${Math.round(peak)} MB`, ratio]
  rows.push(row)
  process.stderr.write(`${row.join('  ')}\n`)
}

function report(types: readonly (readonly string[])[]): void {
  const text = [
    `Made by \`npm run bench -- --write\` on ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}. Wall and CPU seconds and the most memory of whole`,
    'processes, threads included; medians. Ratios are medians of pairs that ran in turn.',
    '',
    table(['connectors', 'run', 'wall', 'CPU', 'peak', 'beside'], rows),
    '',
    'The types of the same events, a connector at a time, libraries loaded and warm:',
    '',
    table(['printer', 'ms a connector', 'beside ours'], types),
  ].join('\n')
  process.stdout.write(`${text}\n`)
  if (flags.includes('--write')) {
    writeFileSync(resultsPath, `# How fast the generator is\n\n${text}\n`)
    writeFileSync(ratiosPath, `${JSON.stringify(ratios, null, 2)}\n`)
  } else warn()
}

/** A fifth worse than the committed ratios. */
const WORSE = 1.2

function warn(): void {
  if (!existsSync(ratiosPath)) return
  const before = JSON.parse(readFileSync(ratiosPath, 'utf8')) as Readonly<Record<string, number>>
  for (const [name, ratio] of Object.entries(ratios)) {
    const known = before[name]
    if (known === undefined || ratio <= known * WORSE) continue
    const message = `${name}: ${ratio.toFixed(2)}, was ${known.toFixed(2)}`
    // GitHub shows such a line as a warning; anywhere else it can be read as it is.
    process.stdout.write(`::warning title=slower than before::${message}\n`)
  }
}

function table(header: readonly string[], lines: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`
}

function seconds(amount: number): string {
  return `${amount.toFixed(amount < 1 ? 3 : 1)} s`
}
