import { Fault } from '../diagnostics/fault.ts'
import { fileOf, readDefinition } from '../load/load.ts'

/** Somebody changed what this run has seen already: what it made of that would not fit the rest. */
export function changedFault(file: string): Fault {
  return new Fault(`${file} was changed during the run`, { help: 'run again; nothing was written' })
}

/** The text of a definition that was in its folder when the run began, or why it is none. */
export function readListed(folder: string, name: string): ReturnType<typeof readDefinition> {
  try {
    return readDefinition(folder, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw changedFault(fileOf(folder, name))
  }
}
