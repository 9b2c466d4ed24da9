import { Fault } from '../diagnostics/fault.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'is not a folder',
  EACCES: 'may not be read',
}

/** Explains why the definitions folder cannot be read, and how to fix it. */
export function explainFolder(folder: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    const reason = REASONS[cause.code ?? '']
    // Errors about files inside the folder are reported elsewhere.
    if (reason === undefined || (cause.path !== undefined && cause.path !== folder)) throw cause
    throw new Fault(`the definitions folder "${folder}" ${reason}`, {
      help: 'run the command where the definitions folder is, or name it with --definitions',
      cause,
    })
  }
}

export function emptyFolder(folder: string): Fault {
  return new Fault(`there is no definition in "${folder}"`, {
    help: 'a connector is one file <code>.yaml; name another folder with --definitions',
  })
}
