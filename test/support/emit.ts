import type { OutputFile, Registry } from '../../generator/model/connector.ts'
import type { Target } from '../../generator/targets/target.ts'

/** Every file that a target makes of a registry, in memory. */
export async function emit(target: Target, { connectors }: Registry): Promise<readonly OutputFile[]> {
  const compiled = await Promise.all(
    connectors.map(async (connector) => ({ code: connector.code, ...(await target.compile(connector)) })),
  )
  const fragments = new Map(compiled.map(({ code, fragments = {} }) => [code, fragments]))
  const files = [...target.aggregate(compiled)].map(({ path, parts }) => ({
    path,
    text: parts.map((part) => (typeof part === 'string' ? part : fragments.get(part.code)?.[part.name])).join(''),
  }))
  return [...files, ...compiled.flatMap((one) => one.files)]
}
