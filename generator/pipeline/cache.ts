import { accessSync, closeSync, constants, mkdirSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { deleteOldest } from '../files/delete-oldest.ts'
import { hashOf } from '../files/hash.ts'
import { removeAbandoned, writeWhole } from '../files/write.ts'
import type { Connector } from '../model/connector.ts'
import type { Artifact, Section } from './artifact.ts'

/** Bytes of artifacts that no definition uses any more, beyond which the oldest are deleted. */
const LARGEST_UNUSED = 256 * 1024 * 1024
/** The name must be ours alone, since abandoned folders are deleted with everything in them. */
const TEMPORARY = 'hera-connectors-artifacts-'
/** Bytes in which nearly every header fits. */
const HEADER_BLOCK = 16 * 1024
const NEWLINE = '\n'.charCodeAt(0)

/**
 * An artifact that cannot be read or written: the run starts again without the cache. Has the code and the path of the
 * system error behind it, if there is one.
 */
class CacheError extends Error {
  override readonly name = 'CacheError'
}

/** By name: an error from a worker thread loses its class. */
export function isCacheError(error: unknown): boolean {
  return error instanceof Error && error.name === 'CacheError'
}

/**
 * Artifacts on disk, one file each, named after the key of its inputs. A file starts with a hash of its header, the
 * header as JSON and a newline; the texts follow. Files are written whole and verified when they are read, so damaged,
 * missing or foreign ones cost time and never change a result; neither does a folder that cannot be written.
 */
export class ArtifactCache {
  /** The folder of the cache, for others that share it. */
  readonly folder: string
  readonly #artifacts: string
  /** Whether it started empty and ends with this run. */
  readonly isTemporary: boolean
  /** The artifact that was read last: its sections are usually read together. */
  #open: { readonly key: string; readonly file: number } | undefined

  /** Without a folder, or with one that cannot be created, artifacts live in a temporary one until `close`. */
  constructor(folder: string | undefined) {
    this.isTemporary = folder === undefined || !canCreate(artifactsIn(folder))
    this.folder = folder === undefined || this.isTemporary ? temporaryFolder() : folder
    this.#artifacts = artifactsIn(this.folder)
    mkdirSync(this.#artifacts, { recursive: true })
  }

  /** The artifact with this key, if it is there and its header is whole. */
  read(key: string): Artifact | undefined {
    try {
      const { header, bodyAt } = readHeader(join(this.#artifacts, key))
      const artifact = JSON.parse(header) as Omit<Artifact, 'bodyAt'>
      return artifact.key === key ? { ...artifact, bodyAt } : undefined
    } catch {
      return undefined
    }
  }

  /** Stores an artifact with the texts of its sections. Returns it as `read` does. */
  write(artifact: Omit<Artifact, 'bodyAt'>, texts: readonly string[]): Artifact {
    const header = JSON.stringify(artifact)
    const head = Buffer.from(`${hashOf(header)}${header}\n`)
    const path = join(this.#artifacts, artifact.key)
    attempt(() => writeWhole(path, [head, ...texts.map((text) => Buffer.from(text))]))
    return { ...artifact, bodyAt: head.length }
  }

  /** The bytes of a section. */
  bytesOf({ key, bodyAt }: Artifact, { offset, size, hash }: Section): Buffer {
    return attempt(() => {
      const bytes = Buffer.allocUnsafe(size)
      if (readAt(this.#fileOf(key), bytes, bodyAt + offset) === size && hashOf(bytes) === hash) return bytes
      this.#release()
      rmSync(join(this.#artifacts, key), { force: true })
      throw new Error(`the cached artifact ${key} is damaged`)
    })
  }

  /** The connector of an artifact. */
  connectorOf(artifact: Artifact): Connector {
    // Written by `compile`, and verified by its hash.
    return JSON.parse(this.bytesOf(artifact, artifact.connector).toString()) as Connector
  }

  /** Deletes the oldest artifacts outside `used` while those take more than `largest` bytes. */
  prune(used: ReadonlySet<string>, largest = LARGEST_UNUSED): void {
    attempt(() => deleteOldest(this.#artifacts, used, largest))
  }

  close(): void {
    this.#release()
    if (this.isTemporary) rmSync(this.folder, { recursive: true, force: true })
  }

  /** Throws if the artifact is gone: a concurrent run may have pruned it. */
  #fileOf(key: string): number {
    if (this.#open?.key === key) return this.#open.file
    this.#release()
    const file = openSync(join(this.#artifacts, key), 'r')
    this.#open = { key, file }
    return file
  }

  #release(): void {
    if (this.#open !== undefined) closeSync(this.#open.file)
    this.#open = undefined
  }
}

/** Characters of the hash in front of a header. */
const HASH_LENGTH = hashOf('').length

/** The header as JSON, and the bytes before the first section. Throws if the header is damaged. */
function readHeader(path: string): { readonly header: string; readonly bodyAt: number } {
  const file = openSync(path, 'r')
  try {
    const start = startOf(file)
    const header = start.toString('utf8', HASH_LENGTH)
    if (hashOf(header) !== start.toString('latin1', 0, HASH_LENGTH)) throw new Error('the header is damaged')
    return { header, bodyAt: start.length + 1 }
  } finally {
    closeSync(file)
  }
}

/** Everything before the first newline. */
function startOf(file: number): Buffer {
  for (let size = HEADER_BLOCK; ; size *= 4) {
    const bytes = Buffer.allocUnsafe(size)
    const length = readAt(file, bytes, 0)
    const end = bytes.indexOf(NEWLINE)
    if (end !== -1 && end < length) return bytes.subarray(0, end)
    if (length < size) throw new Error('the header has no end')
  }
}

function readAt(file: number, bytes: Uint8Array, position: number): number {
  return readSync(file, bytes, 0, bytes.length, position)
}

function attempt<Value>(use: () => Value): Value {
  try {
    return use()
  } catch (error) {
    const { message, code, path } = error as NodeJS.ErrnoException
    // As properties: an error from a worker thread loses its cause.
    throw Object.assign(new CacheError(message), { code, path })
  }
}

function artifactsIn(folder: string): string {
  return join(folder, 'artifacts')
}

function temporaryFolder(): string {
  try {
    removeAbandoned(tmpdir(), TEMPORARY)
    return mkdtempSync(join(tmpdir(), TEMPORARY))
  } catch (cause) {
    throw new OperationalError(`cannot create a temporary folder in ${tmpdir()}`, {
      help: 'set TMPDIR to a folder that exists and can be written',
      cause,
    })
  }
}

function canCreate(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
