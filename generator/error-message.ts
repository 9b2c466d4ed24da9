import type { OperationalError } from './diagnostics/operational-error.ts'

interface ErrorMessage {
  readonly message: string
  readonly help: string
}

/** Describes an error that ended a command, and how to fix it. */
export function errorMessage(error: unknown): ErrorMessage {
  if (isOperationalError(error)) return error
  const { code, path, syscall, message = String(error) } = (error ?? {}) as NodeJS.ErrnoException
  if (syscall === 'uv_cwd')
    return { message: 'the current folder no longer exists', help: 'change to an existing folder, and run again' }
  if (code === 'ENOENT' && syscall === 'mkdir')
    return { message: `cannot create the folder ${path}`, help: 'look for a broken symbolic link, and remove it' }
  const known = ENVIRONMENT_ERRORS[code ?? '']
  if (known !== undefined)
    return { message: `${known.message}${path === undefined ? '' : `: ${path}`}`, help: known.help }
  return { message, help: 'this is a bug in hera-connectors; run again with --debug and report the output' }
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
  EROFS: { message: 'the file system is read-only', help: 'use another folder with --out or --data' },
  EISDIR: { message: 'expected a file, found a folder', help: 'move the folder away' },
  ENOTDIR: { message: 'expected a folder, found a file', help: 'move the file away' },
  ELOOP: { message: 'symbolic links form a loop', help: 'remove the link' },
  EMFILE: { message: 'too many open files', help: 'raise the limit (ulimit -n) and run again' },
}
