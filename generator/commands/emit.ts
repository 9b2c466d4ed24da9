import { Fault } from '../diagnostics/fault.ts'
import type { OutputFile, Registry } from '../model/connector.ts'
import type { Target } from '../targets/target.ts'
import { targets } from '../targets/targets.ts'
import { suggestion } from '../text/closest.ts'

export const targetNames: readonly string[] = targets.map(({ name }) => name)

/** The targets of these names; all of them where none is named. */
export function chooseTargets(names: readonly string[]): readonly Target[] {
  for (const name of names) {
    if (targetNames.includes(name)) continue
    throw new Fault(`there is no target "${name}"${suggestion(name, targetNames)}`, {
      help: `the targets are ${targetNames.join(', ')}`,
    })
  }
  return names.length === 0 ? targets : targets.filter(({ name }) => names.includes(name))
}

/** Every file of the chosen targets, for a registry that fits in memory. */
export async function emit(registry: Registry, chosen: readonly Target[]): Promise<readonly OutputFile[]> {
  const files = await Promise.all(chosen.map((target) => target.emit(registry)))
  return files.flat()
}
