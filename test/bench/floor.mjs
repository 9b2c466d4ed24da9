// The least that any generator does with YAML, on one thread: read each definition, parse it with positions, and write
// as many files of as many bytes as ours: node floor.mjs <definitions> <made by ours> <out>
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'

const [definitions = '', made = '', out = ''] = process.argv.slice(2)
for (const name of readdirSync(definitions)) {
  const lines = new LineCounter()
  parseDocument(readFileSync(join(definitions, name), 'utf8'), { lineCounter: lines }).toJS()
}
const bytes = Buffer.alloc(1024 * 1024, 'x')
const folders = new Set()
for (const entry of readdirSync(made, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue
  const from = join(entry.parentPath, entry.name)
  const to = join(out, from.slice(made.length))
  if (!folders.has(dirname(to))) mkdirSync(dirname(to), { recursive: true })
  folders.add(dirname(to))
  writeFileSync(to, '')
  for (let left = statSync(from).size; left > 0; left -= bytes.length) {
    writeFileSync(to, left < bytes.length ? bytes.subarray(0, left) : bytes, { flag: 'a' })
  }
}
