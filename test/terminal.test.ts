import { execFileSync, spawn } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'

const writer = `
  import { write } from ${JSON.stringify(join(import.meta.dirname, '..', 'generator', 'terminal.ts'))}
  write('stdout', 'x'.repeat(300_000))
  write('stdout', 'y'.repeat(300_000))
  write('stdout', 'end')
`

test.skipIf(process.platform === 'win32')(
  'a pipe that takes no more than it has room for gets everything, in order',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hera-pipe-'))
    try {
      const path = join(folder, 'pipe')
      execFileSync('mkfifo', [path])
      const pipe = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
      const end = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', writer], {
        stdio: ['ignore', end, 'inherit'],
      })
      closeSync(end)
      const chunk = Buffer.alloc(50_000)
      let text = ''
      for (let length = 0; length > 0 || child.exitCode === null; ) {
        // Slowly, so that the pipe is full most of the time.
        await wait(10)
        length = readUpTo(pipe, chunk)
        text += chunk.toString('utf8', 0, length)
      }
      expect(text === `${'x'.repeat(300_000)}${'y'.repeat(300_000)}end`).toBe(true)
      expect(child.exitCode).toBe(0)
      closeSync(pipe)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

/** Bytes that were there; none where the pipe is empty. */
function readUpTo(pipe: number, chunk: Buffer): number {
  try {
    return readSync(pipe, chunk)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw error
  }
}
