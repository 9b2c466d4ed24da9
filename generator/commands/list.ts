import type { Connector } from '../model/connector.ts'
import { CRITERIA, LEVELS } from '../model/level.ts'
import type { RunOptions } from '../pipeline/build-options.ts'
import { readRegistry } from '../pipeline/pipeline.ts'
import { count } from '../text/count.ts'
import { defineCommand, parameter } from './command.ts'
import { findConnector } from './find-connector.ts'
import { formatTable } from './format-table.ts'
import { registryParameters, runOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'

export const command = defineCommand({
  description: 'list the connectors in the definitions folder, or what one of them lacks for the next level',
  examples: ['list', 'list --format json', 'list hubspot-crm'],
  parameters: {
    code: parameter('[connector]', 'code of the connector whose level to explain'),
    ...registryParameters,
  },
  run: (options, context) => list({ ...options, ...runOptions(options, 'outside CI', context) }),
})

interface ListOptions extends RunOptions {
  readonly definitions: string
  readonly code: string | undefined
}

/** Lists the connectors in a folder of definitions, or explains the level of one. */
async function list(options: ListOptions): Promise<Outcome> {
  const reading = await readRegistry(options.definitions, options)
  if (reading.diagnostics.length > 0) return findingsOutcome(reading)
  if (options.code !== undefined) return levelOutcome(findConnector(reading.registry, options.code))
  const connectors = reading.registry.connectors.map(
    ({ code, name, version, category, auth, events, status, level }) => ({
      code,
      name,
      version,
      category,
      auth: auth.type,
      events: events.map((event) => event.name),
      status,
      level: level ?? null,
    }),
  )
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
        row.level ?? '-',
      ])
      const [head = '', ...lines] = formatTable(
        ['code', 'name', 'version', 'category', 'auth', 'events', 'status', 'level'],
        rows,
      )
      return [colors.bold(head), ...lines, '', count(connectors.length, 'connector')].join('\n')
    },
  }
}

/** The criteria of one connector's next level, and which of them it meets. */
function levelOutcome(connector: Connector): Outcome {
  const { code, level } = connector
  const next = LEVELS[level === undefined ? 0 : LEVELS.indexOf(level) + 1]
  const criteria = CRITERIA.filter((criterion) => criterion.level === next).map(({ isMet, needs, remedy }) => ({
    needs,
    met: isMet(connector),
    remedy,
  }))
  return {
    exitCode: 0,
    json: { ok: true, connector: code, level: level ?? null, next: next ?? null, criteria },
    text: ({ bold, green, yellow, cyan }) =>
      [
        `${bold(code)}: ${level ?? 'no level yet'}${next === undefined ? ', the highest level' : `; for ${next} it needs`}`,
        ...criteria.flatMap(({ needs, met, remedy }) =>
          met
            ? [`  ${green('met')}      ${needs}`]
            : [`  ${yellow('missing')}  ${needs}`, `           ${cyan('help:')} ${remedy}`],
        ),
        '',
      ].join('\n'),
  }
}
