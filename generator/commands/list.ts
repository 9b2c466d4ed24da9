import type { RunOptions } from '../pipeline/build-options.ts'
import { readRegistry } from '../pipeline/pipeline.ts'
import { count } from '../text/count.ts'
import { defineCommand } from './command.ts'
import { formatTable } from './format-table.ts'
import { registryParameters, runOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'

export const command = defineCommand({
  description: 'list the connectors in the definitions folder',
  examples: ['list', 'list --format json'],
  parameters: registryParameters,
  run: (options, context) => list({ ...options, ...runOptions(options, 'outside CI', context) }),
})

/** Lists the connectors in a folder of definitions. */
async function list(options: RunOptions & { readonly definitions: string }): Promise<Outcome> {
  const reading = await readRegistry(options.definitions, options)
  if (reading.diagnostics.length > 0) return findingsOutcome(reading)
  const connectors = reading.registry.connectors.map(({ code, name, version, category, auth, events, status }) => ({
    code,
    name,
    version,
    category,
    auth: auth.type,
    events: events.map((event) => event.name),
    status,
  }))
  return {
    exitCode: 0,
    json: { ok: true, connectors },
    text: (colors) => {
      const rows = connectors.map((row) => [
        row.code,
        row.name,
        row.version,
        row.category,
        row.auth,
        String(row.events.length),
        row.status,
      ])
      const [head = '', ...lines] = formatTable(
        ['code', 'name', 'version', 'category', 'auth', 'events', 'status'],
        rows,
      )
      return [colors.bold(head), ...lines, '', count(connectors.length, 'connector')].join('\n')
    },
  }
}
