import type { OutputFile } from '../../../model/connector.ts'
import { CRITERIA } from '../../../model/level.ts'
import { code, table } from '../markdown.ts'
import { prose } from './prose.ts'
import { referencePage } from './reference-page.ts'

/** The requirements of each level. */
export function levelsPage(): OutputFile {
  const rows = CRITERIA.map(({ level, needs, remedy }) => [code(level), prose(needs), prose(remedy)])
  return referencePage(
    {
      name: 'levels',
      source: 'generator/model/level.ts',
      title: 'Levels',
      description: 'The requirements for a definition to be listed, typed or proven.',
    },
    { criteria: table(['level', 'requires', 'how to get there'], rows) },
  )
}
