import { OperationalError } from '../diagnostics/operational-error.ts'
import { visible } from '../diagnostics/render-text.ts'
import type { Connector, Registry } from '../model/connector.ts'
import { CRITERIA, LEVELS } from '../model/level.ts'
import { selectConnectors, suggestedSearch } from '../model/select.ts'
import type { RunOptions } from '../pipeline/build-options.ts'
import { readRegistry } from '../pipeline/pipeline.ts'
import { suggestion } from '../text/closest.ts'
import { compareText } from '../text/compare-text.ts'
import { count } from '../text/count.ts'
import { authElements } from '../vocabulary/authentication.ts'
import { defineCommand, parameter, type Values } from './command.ts'
import { formatTable } from './format-table.ts'
import { registryParameters, runOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'

const parameters = {
  search: parameter<readonly string[]>('[search...]', 'words to search for, or the code of one connector', {
    default: [],
  }),
  category: parameter('--category <name>', 'only this category'),
  auth: parameter<string>('--auth <type>', 'only this type of authentication', { choices: Object.keys(authElements) }),
  level: parameter<string>('--level <level>', 'only this level', { choices: [...LEVELS, 'none'] }),
  ...registryParameters,
}

export const command = defineCommand({
  description: 'list or search the connectors, or show what one of them lacks for the next level',
  examples: ['list', 'list hubspot-crm', 'list message received', 'list --category crm --level proven --format json'],
  notes: [
    'A search finds the connectors whose code, name, category, vendor, purpose or events contain all words.',
    '',
    'JSON: {"ok": true, "connectors": [{code, registry, name, version, category, vendor, purpose, auth, events, status,',
    'level}]}, where "events" contains names, "registry" is null if it has no name, and "level" is null below the first',
    'level. A search without results has the exit code 0, an empty list, and "suggestion" if a word in the registry is',
    'similar. With a code and no filter:',
    '{"ok": true, "connector", "level", "next", "criteria": [{needs, met, remedy}]}.',
  ].join('\n'),
  parameters,
  run: (options, context) => list({ ...options, ...runOptions(options, 'outside CI', context) }),
})

type ListOptions = RunOptions & Omit<Values<typeof parameters>, 'cache'>

/** Lists the connectors of a folder that match, or explains the level of one. */
export async function list({ search: words, category, auth, level, ...options }: ListOptions): Promise<Outcome> {
  const reading = await readRegistry(options.definitions, options)
  if (reading.diagnostics.length > 0) return findingsOutcome(reading)
  const { registry } = reading
  const search = words.join(' ')
  const isFiltered = [category, auth, level].some((filter) => filter !== undefined)
  const named = isFiltered ? undefined : registry.connectors.find(({ code }) => code === search)
  if (named !== undefined) return levelOutcome(named)
  if (category !== undefined) requireCategory(registry, category)
  const found = selectConnectors(registry, { search, category, auth, level })
  return found.length === 0 ? nothingFound(registry, search) : tableOutcome(found)
}

function requireCategory({ connectors }: Registry, category: string): void {
  const used = [...new Set(connectors.map((connector) => connector.category))].sort(compareText)
  if (used.some((one) => one === category)) return
  throw new OperationalError(`no connector has the category "${category}"${suggestion(category, used)}`, {
    help: `the categories in use are ${used.join(', ')}`,
  })
}

function nothingFound(registry: Registry, search: string): Outcome {
  const unfiltered = selectConnectors(registry, { search }).length
  const similar = unfiltered === 0 ? suggestedSearch(registry, search) : undefined
  const missed = search === '' ? 'these filters' : `"${visible(search)}"`
  const meant = similar === undefined ? '' : `; did you mean "${similar}"?`
  const help =
    unfiltered === 0
      ? `hera-connectors list shows all ${count(registry.connectors.length, 'connector')}`
      : `without --category, --auth and --level the search finds ${count(unfiltered, 'connector')}`
  return {
    exitCode: 0,
    json: { ok: true, connectors: [], ...(similar === undefined ? {} : { suggestion: similar }) },
    text: ({ cyan }) => [`no connector matches ${missed}${meant}`, `  ${cyan('help:')} ${help}`, ''].join('\n'),
  }
}

function tableOutcome(found: readonly Connector[]): Outcome {
  const connectors = found.map((connector) => {
    const { code, registry, name, version, category, vendor, purpose, auth, events, status, level } = connector
    return {
      code,
      registry: registry ?? null,
      name,
      version,
      category,
      vendor,
      purpose,
      auth: auth.type,
      events: events.map((event) => event.name),
      status,
      level: level ?? null,
    }
  })
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
        row.registry ?? '-',
      ])
      const [head = '', ...lines] = formatTable(
        ['code', 'name', 'version', 'category', 'auth', 'events', 'status', 'level', 'registry'],
        rows,
      )
      return [colors.bold(head), ...lines, '', count(connectors.length, 'connector')].join('\n')
    },
  }
}

/** The criteria of one connector's next level, and which of them it meets. */
export function levelOutcome(connector: Connector): Outcome {
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
