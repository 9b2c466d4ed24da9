// Measures whole runs of the command next to a floor and a naive pipeline, and the printing of types next to other
// tools: `npm run bench`. With `--write` the table goes to results.md and the ratios to ratios.json; without, ratios that
// are a fifth worse than those are named, which is a warning and no failure.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { codeAt, writeDefinitions } from './definitions.ts'
import { measure, paired, type Usage } from './measure.ts'
import { slowerThan } from './slower.ts'
import { typePrinters } from './type-printers.ts'

const here = import.meta.dirname
const cli = join(here, '..', '..', 'dist', 'cli.js')
const flags = process.argv.slice(2)
const counts = flags.filter((flag) => /^\d+$/.test(flag)).map(Number)
const [resultsPath, ratiosPath] = [join(here, 'results.md'), join(here, 'ratios.json')]

/** How often the short runs are measured; the long ones move less. */
const TIMES = 11
/** Edits that a watching command answers. */
const EDITS = 9
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
  const names = namesIn(own)
  measureUnchanged(count, own, names)
  const floorOfEdit = measureEdits(count, own, names)
  await measureWatch(count, own, floorOfEdit)
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

/** Every file of a folder that a run without a change has to look at, a path a line. */
function namesIn(own: string): string {
  const path = join(folder, 'names')
  const found = ['definitions', 'generated'].flatMap((name) =>
    readdirSync(join(own, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(name, entry.parentPath.slice(join(own, name).length), entry.name)),
  )
  writeFileSync(path, found.join('\n'))
  return path
}

function measureUnchanged(count: number, own: string, names: string): void {
  const bare = () => measure(['-e', '0'], own)
  const floor = () => measure([join(here, 'floor-unchanged.mjs'), names], own)
  const { one, other, ratio } = paired(floor, bare, TIMES)
  add([count, 'floor: look at every file'], one, `${times(ratio)} bare node (${seconds(other.wall)})`)
  for (const command of ['validate', 'list', 'check', 'generate']) {
    const run = () => measure([cli, command], own)
    run()
    const besideBare = paired(run, bare, TIMES)
    const besides = [`${times(besideBare.ratio)} bare node (${seconds(besideBare.other.wall)})`]
    // The others do not look at the output.
    if (command === 'check' || command === 'generate')
      besides.push(`${times(paired(run, floor, TIMES).ratio)} the floor`)
    add([count, `${command}, nothing changed`], besideBare.one, besides.join(', '))
    ratios[`${count} ${command} unchanged`] = besideBare.ratio
  }
}

/** The definition that is edited, its text, and the next text that it gets. */
function editOf(count: number, own: string) {
  const name = `${codeAt(count - 1)}.yaml`
  const path = join(own, 'definitions', name)
  const text = readFileSync(path, 'utf8')
  let edits = 0
  const edit = () => {
    edits += 1
    writeFileSync(path, text.replace('summary: What', `summary: For the ${edits}th time what`))
  }
  return { name, text, edit }
}

/**
 * One edit, beside a run of that one definition alone from nothing, and beside the least that has to be done, whose
 * seconds it gives.
 */
function measureEdits(count: number, own: string, names: string): number {
  const lone = join(folder, `${count}-lone`)
  const { name, text, edit } = editOf(count, own)
  const edited = () => {
    edit()
    return measure([cli, 'generate'], own)
  }
  const alone = () => {
    rmSync(lone, { recursive: true, force: true })
    mkdirSync(join(lone, 'definitions'), { recursive: true })
    writeFileSync(join(lone, 'definitions', name), text)
    return measure([cli, 'generate'], lone)
  }
  edit()
  const report = JSON.parse(
    execFileSync(process.execPath, [cli, 'generate', '--format', 'json'], { cwd: own }).toString(),
  )
  const changed = join(folder, 'changed')
  writeFileSync(changed, report.updated.map((path: string) => join('generated', path)).join('\n'))
  const floor = () => measure([join(here, 'floor-edit.mjs'), names, changed], own)
  const runs = count >= 1000 ? 3 : TIMES
  const besideAlone = paired(edited, alone, runs)
  // What the floor replaces is looked at again by a run that is not measured.
  const besideFloor = paired(edited, () => restored(own, floor), runs)
  add([count, 'floor: look at every file, replace those that change'], besideFloor.other)
  const besides = `${times(besideAlone.ratio)} one alone from nothing (${seconds(besideAlone.other.wall)})`
  add([count, 'generate, one edited'], besideAlone.one, `${besides}, ${times(besideFloor.ratio)} the floor`)
  ratios[`${count} one edited`] = besideAlone.ratio
  return besideFloor.other.wall
}

function restored(own: string, floor: () => Usage): Usage {
  const usage = floor()
  measure([cli, 'generate'], own)
  return usage
}

/** What `--watch` says that its work after each of several edits took, beside the least that an edit takes. */
async function measureWatch(count: number, own: string, floor: number): Promise<void> {
  const { edit } = editOf(count, own)
  const watching = spawn(process.execPath, [cli, 'generate', '--watch'], { cwd: own })
  const lines = createInterface({ input: watching.stdout })
  const took: number[] = []
  for await (const line of lines) {
    const [, time] = /\((\d+\.\d+) s\)$/.exec(line) ?? []
    if (time === undefined) continue
    took.push(Number(time))
    // The first is the run at the start.
    if (took.length > EDITS) break
    edit()
  }
  watching.kill()
  const [, ...answers] = took
  const middle = answers.sort((left, right) => left - right)[Math.floor(EDITS / 2)] ?? Number.NaN
  const besides = `work alone, as it says itself; ${times(middle / floor)} the floor`
  row([String(count), 'generate --watch, one edited', seconds(middle), '', '', besides])
  ratios[`${count} watch`] = middle / floor
}

function add([count, what]: readonly [number | string, string], { wall, cpu, peak }: Usage, ratio = ''): void {
  row([String(count), what, seconds(wall), seconds(cpu), `${Math.round(peak)} MB`, ratio])
}

function row(cells: string[]): void {
  rows.push(cells)
  process.stderr.write(`${cells.join('  ')}\n`)
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
    writeFileSync(resultsPath, withGeneratorSection(readFileSync(resultsPath, 'utf8'), text))
    writeFileSync(ratiosPath, `${JSON.stringify(ratios, null, 2)}\n`)
  } else if (existsSync(ratiosPath)) {
    const before = JSON.parse(readFileSync(ratiosPath, 'utf8')) as Readonly<Record<string, number>>
    for (const line of slowerThan(before, ratios)) process.stdout.write(`${line}\n`)
  }
}

/** The results with the section of this benchmark replaced; the others have sections of other benchmarks. */
function withGeneratorSection(results: string, text: string): string {
  return results.replace(/(?<=\n## Generator\n\n)[\s\S]*?(?=\n## )/, () => `${text}\n`)
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
