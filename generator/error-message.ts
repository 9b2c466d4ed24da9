import type { OperationalError } from './diagnostics/operational-error.ts'

interface ErrorMessage {
  readonly message: string
  readonly help: string
}

/** Describes an error that ended a command, and how to fix it. */
export function errorMessage(error: unknown): ErrorMessage {
  if (isOperationalError(error)) return error
  const { code, path, syscall, message = written(error) } = (error ?? {}) as NodeJS.ErrnoException
  if (syscall === 'uv_cwd')
    return { message: 'the current folder no longer exists', help: 'change to an existing folder, and run again' }
  // Node reports this too where a parent folder is on a read-only file system.
  if (code === 'ENOENT' && syscall === 'mkdir')
    return {
      message: `cannot create the folder ${path}`,
      help: 'check that the file system can be written to, and that no part of the path is a broken symbolic link',
    }
  const known = ENVIRONMENT_ERRORS[code ?? ''] ?? ENVIRONMENT_ERRORS[emscriptenCode(error) ?? '']
  if (known !== undefined)
    return { message: `${known.message}${path === undefined ? '' : `: ${path}`}`, help: known.help }
  return { message, help: 'this is a bug in hera-connectors; run again with --debug and report the output' }
}

/** The embedded database runs in WebAssembly, whose file system reports numbers (WASI) and no message. */
function emscriptenCode(error: unknown): string | undefined {
  const { name, errno } = (error ?? {}) as { readonly name?: unknown; readonly errno?: unknown }
  return name === 'ErrnoError' && typeof errno === 'number' ? WASI_CODES[errno] : undefined
}

const WASI_CODES: Readonly<Record<number, string>> = {
  2: 'EACCES',
  19: 'EDQUOT',
  29: 'EIO',
  33: 'EMFILE',
  51: 'ENOSPC',
  63: 'EPERM',
  69: 'EROFS',
}

/** The thrown value; an object without a message as JSON, which is clearer than "[object Object]". */
function written(error: unknown): string {
  return typeof error === 'object' && error !== null ? JSON.stringify(error) : String(error)
}

/** By name: lazily loaded modules have a class of their own. */
function isOperationalError(error: unknown): error is OperationalError {
  return error instanceof Error && error.name === 'OperationalError'
}

const PERMISSIONS = 'change the permissions of the file or folder, or use another one'

/** Environment errors by the code that Node gives them. */
const ENVIRONMENT_ERRORS: Readonly<Record<string, ErrorMessage>> = {
  EACCES: { message: 'permission denied', help: PERMISSIONS },
  EPERM: { message: 'operation not permitted', help: PERMISSIONS },
  ENOSPC: { message: 'the disk is full', help: 'free some space and run again; earlier output is intact' },
  EDQUOT: { message: 'the disk quota is used up', help: 'free some space and run again; earlier output is intact' },
  EIO: { message: 'the disk could not be read or written', help: 'check the disk, and run again' },
  EROFS: { message: 'the file system is read-only', help: 'use another folder with --out or --data' },
  EISDIR: { message: 'expected a file, found a folder', help: 'move the folder away' },
  ENOTDIR: { message: 'expected a folder, found a file', help: 'move the file away' },
  ELOOP: { message: 'symbolic links form a loop', help: 'remove the link' },
  EMFILE: { message: 'too many open files', help: 'raise the limit (ulimit -n) and run again' },
}
