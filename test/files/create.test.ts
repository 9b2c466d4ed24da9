import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { createFiles } from '../../generator/files/create.ts'
import { cli } from '../support/command.ts'

const root = mkdtempSync(join(tmpdir(), 'hera-create-'))
afterAll(() => rmSync(root, { recursive: true }))

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(root, 'own-'))
})

test('creates files and the folders above them', async () => {
  const path = join(folder, 'samples/one.json')
  expect(await createFiles([{ path, text: '{}' }])).toBeUndefined()
  expect(readFileSync(path, 'utf8')).toBe('{}')
})

test('creates none if one of them exists, and leaves that one alone', async () => {
  const [first, second] = [join(folder, 'first'), join(folder, 'second')]
  writeFileSync(second, 'mine')
  const files = [first, second].map((path) => ({ path, text: 'new' }))
  expect(await createFiles(files)).toBe(second)
  expect(existsSync(first)).toBe(false)
  expect(readFileSync(second, 'utf8')).toBe('mine')
})

test.skipIf(process.platform === 'win32')('leaves nothing of a file that is written in part', () => {
  // The largest file is smaller than a definition.
  const script = `trap '' XFSZ; ulimit -f 1; exec "$0" "$1" new my-crm --yes --definitions "$2"`
  const { status } = spawnSync('sh', ['-c', script, process.execPath, cli, folder])
  expect(status).toBe(2)
  expect(existsSync(join(folder, 'my-crm.yaml'))).toBe(false)
})
