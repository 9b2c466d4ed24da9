import { createHash } from 'node:crypto'
import { render } from '../../compiled/templates.js'
import type { Connector, OutputFile, Registry } from '../../model/connector.ts'
import { ownConnectors } from '../../model/select.ts'
import { compareText } from '../../text/compare-text.ts'
import { fragment } from '../fragment.ts'
import { headerLines } from '../header.ts'
import type { Target } from '../target.ts'
import { target } from '../target.ts'
import { constants } from './constants.ts'
import { FORMER_INDEXES, INDEXES } from './indexes.ts'
import { seedItems } from './seed-item.ts'
import type { SeedPiece, SeedScript } from './seed-script.ts'
import { listed, seedScript } from './seed-script.ts'
import type { Sql } from './sql.ts'
import { comment, jsonLiteral, textArray, textLiteral } from './sql.ts'

/** SQL that registers the connectors in HERA's tables, all or one, that compares a database with them, and that runs them. */
export const sqlTarget: Target = target({
  name: 'sql',
  folder: 'sql',
  compile: (alone) => {
    const summary = { code: alone.code, registry: registryNameOf(alone), runtime: runtimeFacts(alone) }
    // Its own registry writes it.
    if (alone.is_base === true) return { files: [], summary: { ...summary, is_base: true } }
    // The literal stands in three files, and is made once.
    const items = itemsLiteral(alone)
    const registries = [registryNameOf(alone)]
    const seed = seedScript({ codes: [alone.code], registries, alone, ending: 'commit', literalOf: () => items })
    return {
      files: [{ path: `sql/connectors/${alone.code}.sql`, text: joined(seed) }],
      summary: { ...summary, is_base: false },
      fragments: { items },
    }
  },
  *aggregate(summaries) {
    const own = summaries.filter(({ is_base }) => !is_base)
    const codes = own.map(({ code }) => code)
    const registries = registriesOf(own.map(({ registry }) => registry))
    const literalOf = (code: string) => fragment(code, 'items') as Sql
    yield {
      path: 'sql/setup-prebuilt-connectors.sql',
      text: joined(seedScript({ codes, registries, alone: undefined, ending: 'commit', literalOf })),
    }
    const facts = Object.fromEntries(summaries.map(({ code, runtime }) => [code, runtime]))
    const runtime = runtimeOf(facts)
    yield verifyFile({ codes, registries, literalOf, runtime: runtime.name })
    yield { path: 'sql/runtime.sql', text: runtime.text }
    yield {
      path: 'sql/indexes.sql',
      text: render('sql/indexes', {
        header: headerLines().map(comment),
        indexes: INDEXES,
        former: FORMER_INDEXES,
      }),
    }
    yield { path: 'sql/rollback.sql', text: render('sql/rollback', { header: headerLines().map(comment) }) }
    yield {
      path: 'sql/grant-authenticated.sql',
      text: render('sql/grant-authenticated', { header: headerLines().map(comment) }),
    }
  },
})

/**
 * Before a seed: connectors that left the registry are archived even if they are more than half. The transaction is the
 * seed's, whose own `begin` then changes nothing, so that the setting ends with it.
 */
export const ALLOW_ARCHIVING = "begin isolation level read committed;\nset local hera.allow_archiving = 'on';\n"

/** The read-only comparison of a database with a registry: `sql/verify.sql`. */
export function verifyScript(registry: Registry): string {
  return verifyFile({ ...scriptOf(registry), runtime: runtimeScript(registry).name }).text
}

/** The digest of each row that the seed leaves in use, by the name of the registry, which may be empty, and the row's code. */
export function seedDigests(registry: Registry): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const own = ownConnectors(registry).connectors
  const digestsOf = (connector: Connector) =>
    seedItems(connector)
      .filter(({ status }) => status !== 'archived')
      .map(({ code, mark }) => [code, String(mark.content_digest)] as const)
  return Object.fromEntries(
    registriesOf(own.map(registryNameOf)).map((name) => [
      name,
      Object.fromEntries(own.filter((connector) => registryNameOf(connector) === name).flatMap(digestsOf)),
    ]),
  )
}

/**
 * The seed of all connectors, or of the one with the code `only`, a piece at a time. With the ending `commit` the
 * pieces are the generated file.
 */
export function seedPieces(
  registry: Registry,
  only: string | undefined,
  ending: 'commit' | 'rollback',
): Iterable<SeedPiece> {
  const alone = ownConnectors(registry).connectors.find(({ code }) => code === only)
  return seedScript({ ...scriptOf(alone === undefined ? registry : { connectors: [alone] }), alone, ending })
}

/** Without connectors of bases: their registries write them. */
function scriptOf(registry: Registry): Pick<SeedScript, 'codes' | 'registries' | 'literalOf'> {
  const own = ownConnectors(registry).connectors
  const byCode = new Map(own.map((connector) => [connector.code, connector]))
  return {
    codes: [...byCode.keys()],
    registries: registriesOf(own.map(registryNameOf)),
    literalOf: (code) => itemsLiteral(found(byCode, code)),
  }
}

/** Empty for the registry without a name. */
function registryNameOf({ registry = '' }: Pick<Connector, 'registry'>): string {
  return registry
}

/** Each once; without connectors, the registry without a name, which then has none. */
function registriesOf(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [''] : [...new Set(names)].sort(compareText)
}

function found(byCode: ReadonlyMap<string, Connector>, code: string): Connector {
  const connector = byCode.get(code)
  if (connector === undefined) throw new Error(`the registry has no connector "${code}"`)
  return connector
}

function itemsLiteral(connector: Connector): Sql {
  return jsonLiteral(seedItems(connector))
}

function joined(pieces: Iterable<SeedPiece>): string {
  return [...pieces].map(({ text }) => text).join('')
}

function verifyFile({
  codes,
  registries,
  literalOf,
  runtime,
}: Pick<SeedScript, 'codes' | 'registries' | 'literalOf'> & { readonly runtime: string }): OutputFile {
  return {
    path: 'sql/verify.sql',
    text: render('sql/verify', {
      ...constants,
      header: headerLines().map(comment),
      privileges: textArray(['select']),
      runtime_name: textLiteral(runtime),
      index_names: INDEX_NAMES,
      registries: textArray(registries),
      connectors: listed(codes, literalOf),
      has_connectors: codes.length > 0,
    }),
  }
}

const INDEX_NAMES = textArray(INDEXES.map(({ name }) => name))

/** The statements that create the indexes of the functions; each by itself, since they run outside of transactions. */
export function indexStatements({ concurrently }: { readonly concurrently: boolean }): readonly string[] {
  return INDEXES.map(
    ({ name, definition }) => `create index ${concurrently ? 'concurrently ' : ''}if not exists ${name} ${definition}`,
  )
}

/** The facts about a connector that the functions contain. */
interface RuntimeFacts {
  /** Names of the fields that need no encryption. */
  readonly fields: readonly string[]
  /** Prefixes and suffixes of the fields by which deliveries are routed. */
  readonly routing: Readonly<
    Record<string, { readonly prefix: string | undefined; readonly suffix: string | undefined }>
  >
  /** How long events are kept, as ISO 8601 durations, by the name of the event. */
  readonly retention: Readonly<Record<string, readonly string[]>>
}

type FactsByCode = Readonly<Record<string, RuntimeFacts>>

interface RuntimeScript {
  /** By this a database says which version it has. */
  readonly name: string
  readonly text: string
}

/**
 * The functions. They read the catalogue that the seed makes, but know themselves which fields are public and how long
 * events are kept: others may change the rows of a catalogue.
 */
export function runtimeScript({ connectors }: Registry): RuntimeScript {
  return runtimeOf(Object.fromEntries(connectors.map((connector) => [connector.code, runtimeFacts(connector)])))
}

function runtimeFacts({ auth, privacy, events, webhook }: Connector): RuntimeFacts {
  const periods = privacy?.retention.periods ?? []
  const keptFor = (event: string) => periods.filter((period) => period.events.includes(event)).map(({ keep }) => keep)
  const retention = events.map(({ name }) => [name, keptFor(name)] as const).filter(([, kept]) => kept.length > 0)
  const routing = new Set(webhook?.routing?.map(({ field }) => field))
  return {
    fields: auth.fields.filter(({ sensitive }) => !sensitive).map(({ name }) => name),
    routing: Object.fromEntries(
      auth.fields.filter(({ name }) => routing.has(name)).map(({ name, prefix, suffix }) => [name, { prefix, suffix }]),
    ),
    retention: Object.fromEntries(retention),
  }
}

function runtimeOf(facts: FactsByCode): RuntimeScript {
  const name = `hera-connectors runtime ${createHash('sha256').update(runtimeText('', facts)).digest('hex')}`
  return { name, text: runtimeText(name, facts) }
}

function runtimeText(name: string, facts: FactsByCode): string {
  const byCode = <Value>(select: (of: RuntimeFacts) => Value) =>
    jsonLiteral(Object.fromEntries(Object.entries(facts).map(([code, of]) => [code, select(of)])))
  return render('sql/runtime', {
    ...constants,
    header: headerLines().map(comment),
    privileges: textArray(['insert', 'select', 'update']),
    public_fields: byCode(({ fields }) => fields),
    routing: byCode(({ routing }) => routing),
    retention: byCode(({ retention }) => retention),
    runtime_name: textLiteral(name),
    index_names: INDEX_NAMES,
  })
}
