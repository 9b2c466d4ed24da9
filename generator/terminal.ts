// What the command says to whoever started it. Node's own streams take as long to load as all the rest of a short run:
// what goes to a pipe or a file is written without them, and they are asked only where a terminal may be.
import { fstatSync, writeSync } from 'node:fs'
import type { Colors } from './diagnostics/render-text.ts'

const FILES = { stdout: 1, stderr: 2 } as const

type Name = keyof typeof FILES

/** Whether somebody may be looking, rather than a pipe or a file. */
export function isTerminal(name: Name): boolean {
  return fstatSync(FILES[name]).isCharacterDevice() && process[name].isTTY === true
}

/** Writes a text, all of it and in order. A reader that has seen enough, such as `head`, is no error. */
export function write(name: Name, text: string): void {
  const busy = streams.get(name)
  if (busy !== undefined) {
    busy.write(text)
    return
  }
  let rest: Uint8Array = Buffer.from(text)
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(FILES[name], rest))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Whoever made the pipe may have set it so that it takes no more than it has room for: the stream can wait.
    if (code === 'EAGAIN') streamOf(name).write(rest)
    else if (code !== 'EPIPE') throw error
  }
}

/** Those that had to wait once: what follows has to wait behind it. */
const streams = new Map<Name, NodeJS.WriteStream>()

/** Node's own stream. A reader that is gone does not end the process there either. */
export function streamOf(name: Name): NodeJS.WriteStream {
  const stream = process[name]
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  streams.set(name, stream)
  return stream
}

const same = (text: string) => text

export const noColors: Colors = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same }

/** The colours that whoever looks can see. */
export async function colorsOn(name: Name): Promise<Colors> {
  const { NO_COLOR = '', TERM } = process.env
  if (NO_COLOR !== '' || TERM === 'dumb' || !isTerminal(name)) return noColors
  const { default: pc } = await import('picocolors')
  return pc.createColors(true)
}
