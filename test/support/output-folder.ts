import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compareFile, isGenerated } from '../../generator/files/compare.ts'
import { hashOf } from '../../generator/files/hash.ts'
import { listFiles } from '../../generator/files/list.ts'
import { type Change, plan, type WantedFile } from '../../generator/files/plan.ts'
import { write } from '../../generator/files/write.ts'
import { HEADER_MARK } from '../../generator/targets/header.ts'

/** A generated file. */
export function file(path: string, body = ''): WantedFile {
  const bytes = Buffer.from(`-- ${HEADER_MARK} from a test\n${body}\n`)
  return { path, size: bytes.length, hash: hashOf(bytes), chunks: () => [bytes] }
}

/** Writes a file into an output folder, as somebody else would. */
export function put(out: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(out, path)), { recursive: true })
  writeFileSync(join(out, path), content)
}

/** The content of a wanted file. */
export function contentOf(wanted: WantedFile): Buffer {
  return Buffer.concat([...wanted.chunks()])
}

/** The changes after which the folders `sql` and `docs` contain exactly these files. */
export function changesFor(out: string, files: readonly WantedFile[]): readonly Change[] {
  return plan(files, {
    paths: listFiles(out, ['sql', 'docs']),
    compare: (wanted) => compareFile(join(out, wanted.path), wanted),
    isGenerated: (path) => isGenerated(join(out, path)),
  }).changes
}

/** The same changes as strings: kind and path. */
export function planned(out: string, files: readonly WantedFile[]): readonly string[] {
  return changesFor(out, files).map(({ kind, path }) => `${kind} ${path}`)
}

/** Makes the output folder contain exactly these files. */
export function apply(out: string, files: readonly WantedFile[]): void {
  write(out, changesFor(out, files))
}
