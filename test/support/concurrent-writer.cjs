// Loaded into the command before it starts: changes something on disk at an exact moment of its run, as another process
// would. INTERFERENCE names the moment (a function of node:fs and a part of a path that it receives) and the change: a text
// to write or to replace in a file, possibly by another file with the same time, a file to remove, or one to move and link.
// `pause` is how many milliseconds the run waits before that.
const fs = require('node:fs')
const { syncBuiltinESMExports } = require('node:module')
const { resolve } = require('node:path')

const { call, naming, file, from, to, isAsOld, link, pause = 0 } = JSON.parse(process.env.INTERFERENCE)
const original = fs[call]
const { readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } = fs
let isDone = false

fs[call] = (...args) => {
  const isDue = !isDone && args.slice(0, 2).some((arg) => typeof arg === 'string' && arg.includes(naming))
  if (!isDue) return original(...args)
  isDone = true
  // A file is renamed to its place before somebody else changes it there.
  const result = call === 'renameSync' ? original(...args) : undefined
  interfere()
  return call === 'renameSync' ? result : original(...args)
}
syncBuiltinESMExports()

function interfere() {
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
}
