// Loaded into the command before it starts: changes something on disk at an exact moment of its run. MEDDLE says when (a
// function of node:fs and a part of its arguments) and what: a text to write or to replace in a file, perhaps by another file
// that is as old, something to remove or to leave a link in place of, and another run that is to be whole by then; also for
// how many milliseconds it all stands still.
const fs = require('node:fs')
const { spawnSync } = require('node:child_process')
const { syncBuiltinESMExports } = require('node:module')
const { resolve } = require('node:path')

const { call, naming, file, from, to, isAsOld, link, another, pause = 0 } = JSON.parse(process.env.MEDDLE)
const original = fs[call]
const { readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } = fs
let isDone = false
/** Calls of which the result is to be as if nobody meddled. */
const AFTERWARDS = ['renameSync', 'readdirSync']

fs[call] = (...args) => {
  const isDue = !isDone && args.slice(0, 2).some((arg) => typeof arg === 'string' && arg.includes(naming))
  if (!isDue) return original(...args)
  isDone = true
  if (AFTERWARDS.includes(call)) {
    const result = original(...args)
    meddle()
    return result
  }
  meddle()
  return original(...args)
}
syncBuiltinESMExports()

function meddle() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause)
  if (link !== undefined) {
    renameSync(file, link)
    symlinkSync(resolve(link), file)
  } else if (isAsOld) {
    const { mtime } = statSync(file)
    writeFileSync('other', readFileSync(file, 'utf8').replace(from, to))
    utimesSync('other', mtime, mtime)
    renameSync('other', file)
  } else if (to === undefined) rmSync(file)
  else if (from === undefined) writeFileSync(file, to)
  else writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
  if (another === undefined) return
  const env = { ...process.env, NODE_OPTIONS: '' }
  const { status, stderr } = spawnSync(process.execPath, [process.argv[1], ...another], { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}
