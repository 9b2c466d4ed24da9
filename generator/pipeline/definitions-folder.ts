import { Fault } from '../diagnostics/fault.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'is not a folder',
  EACCES: 'may not be read',
}

/** The reason why a folder of definitions cannot be read, with a remedy. */
export function explainFolder(folder: string, cause: unknown): unknown {
  const { code, path } = cause as NodeJS.ErrnoException
  const reason = REASONS[code ?? '']
  // Problems with something inside the folder are explained elsewhere.
  if (reason === undefined || (path !== undefined && path !== folder)) return cause
  return new Fault(`the definitions folder "${folder}" ${reason}`, {
    help: 'run the command where the definitions folder is, or name it with --definitions',
    cause,
  })
}

export function emptyFolder(folder: string): Fault {
  return new Fault(`there is no definition in "${folder}"`, {
    help: 'a connector is one file <code>.yaml; name another folder with --definitions',
  })
}
