import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databaseError } from '../../generator/database/database-error.ts'
import { openEmbedded } from '../../generator/database/embedded.ts'
import { secretFile } from '../../generator/database/secret-file.ts'
import type { OperationalError } from '../../generator/diagnostics/operational-error.ts'
import { errorMessage } from '../../generator/error-message.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hera-private-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function modeOf(...path: readonly string[]): string {
  return (statSync(join(root, ...path)).mode & 0o777).toString(8)
}

const open = async (folder: string) => (await openEmbedded({ folder, onStep: () => {} })).close()

describe.runIf(process.platform !== 'win32')('only its owner reads what the tool keeps', () => {
  test('the folders of secrets and the secrets', async () => {
    await secretFile(join(root, '.hera', 'keys', 'key'))
    expect([modeOf('.hera'), modeOf('.hera', 'keys'), modeOf('.hera', 'keys', 'key')]).toEqual(['700', '700', '600'])
  })

  test('the database, also one that an older version made, and the folder around it', async () => {
    mkdirSync(join(root, '.hera'), { mode: 0o755 })
    const folder = join(root, '.hera', 'database')
    await open(folder)
    expect([modeOf('.hera'), modeOf('.hera', 'database')]).toEqual(['700', '700'])
    chmodSync(folder, 0o755)
    await open(folder)
    expect(modeOf('.hera', 'database')).toBe('700')
  })

  test('another folder around the database is left as it is', async () => {
    mkdirSync(join(root, 'shared'), { mode: 0o755 })
    await open(join(root, 'shared', 'database'))
    expect([modeOf('shared'), modeOf('shared', 'database')]).toEqual(['755', '700'])
  })
})

describe('a database that cannot be opened', () => {
  test('is never called worthless', async () => {
    const folder = join(root, 'database')
    await open(folder)
    truncateSync(join(folder, 'global', 'pg_control'), 0)
    writeFileSync(join(folder, 'PG_VERSION'), 'damaged')
    const fault: OperationalError = await open(folder).then(
      () => expect.unreachable('it was opened'),
      (error: OperationalError) => error,
    )
    expect(fault.help).toBe(
      'its files are damaged: restore the folder from a copy; or move the folder away and run the command again, which loses its installations and events',
    )
  })
})

describe('the message for a full, read-only or damaged disk under the database', () => {
  test.each<[string, object, string, string]>([
    ['full, in WebAssembly', { name: 'ErrnoError', errno: 51 }, 'db: the disk is full', 'free some space'],
    ['read-only, in WebAssembly', { errno: 69 }, 'db: the file system is read-only', 'make its folder writable'],
    [
      'full, on a server',
      { code: '53100', message: 'could not extend file' },
      'db: could not extend file',
      'free some',
    ],
    [
      'damaged',
      { code: 'XX001', message: 'invalid page in block 1', hint: 'zero_damaged_pages' },
      'db: invalid page in block 1',
      'restore the database from a backup',
    ],
    ['unknown', {}, 'db: unknown error', 'see the message of the database'],
  ])('%s', (_, cause, message, help) => {
    const fault = databaseError('db', cause)
    expect(fault.message).toBe(message)
    expect(fault.help).toContain(help)
  })
})

describe('the message for a full or read-only disk under a command', () => {
  test.each<[string, object, string, string]>([
    ['full, in WebAssembly', { name: 'ErrnoError', errno: 51 }, 'the disk is full', 'free some space'],
    ['read-only, in WebAssembly', { name: 'ErrnoError', errno: 69 }, 'the file system is read-only', '--data'],
    ['a quota', { code: 'EDQUOT', path: '/x' }, 'the disk quota is used up: /x', 'free some space'],
    [
      'read-only, below a folder',
      { code: 'ENOENT', syscall: 'mkdir', path: '/ro/x' },
      'cannot create the folder /ro/x',
      'can be written to',
    ],
    ['an object without a message', { reason: 7 }, '{"reason":7}', 'this is a bug'],
  ])('%s', (_, error, message, help) => {
    expect(errorMessage(error).message).toBe(message)
    expect(errorMessage(error).help).toContain(help)
  })
})
