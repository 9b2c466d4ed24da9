import type { OutputFile, Registry } from '../model/connector.ts'

/** Makes one kind of output. Pure: the same registry gives the same files, byte for byte. */
export interface Target {
  readonly name: string
  /** Its own folder under the output folder: what else stands there is left over or stray. */
  readonly folder: string
  /** Files in any order; paths start with `folder`. */
  readonly emit: (registry: Registry) => Promise<readonly OutputFile[]>
}
