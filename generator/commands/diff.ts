import type { Audience, Change, Severity } from '../compatibility/change.ts'
import { AUDIENCES, isAtLeast, kinds, severityFor, severityOf, worstOf } from '../compatibility/change.ts'
import type { Verdict } from '../compatibility/verdict.ts'
import { verdictsOf } from '../compatibility/verdict.ts'
import { isEnough } from '../compatibility/version-bump.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import type { Colors } from '../diagnostics/render-text.ts'
import { visible } from '../diagnostics/render-text.ts'
import { type Checkout, checkOut } from '../load/git-checkout.ts'
import type { Registry } from '../model/connector.ts'
import { ownConnectors } from '../model/select.ts'
import type { RunOptions } from '../pipeline/build-options.ts'
import { type DefinitionFolder, definitionFolders } from '../pipeline/definition-folders.ts'
import { readFolders, readRegistry } from '../pipeline/pipeline.ts'
import { count } from '../text/count.ts'
import type { Context } from './command.ts'
import { defineCommand, flag, parameter, type Values } from './command.ts'
import { inlineCode } from './inline-code.ts'
import { registryParameters, runOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'

const parameters = {
  ...registryParameters,
  ref: parameter('[ref]', 'commit, branch or tag; the comparison is with its merge base with HEAD', {
    default: 'HEAD',
  }),
  folder: parameter('--folder <folder>', 'folder of definitions to compare with, instead of a ref'),
  twoDot: flag('--two-dot', 'compare with the ref itself, not with the merge base of HEAD and the ref', {
    conflicts: 'folder',
  }),
  failOn: parameter<readonly (Severity | 'bump')[]>(
    '--fail-on <what...>',
    'exit with 1 if there is such a change, or if a version bump is too small',
    { choices: ['breaking', 'minor', 'patch', 'bump'], default: [] },
  ),
}

export type DiffOptions = RunOptions & Omit<Values<typeof parameters>, 'cache'> & Pick<Context, 'environment'>

export const command = defineCommand({
  description: 'compare the definitions with an earlier version: changes, who is affected, required version bump',
  examples: ['diff origin/main', 'diff origin/main --fail-on breaking bump', 'diff v1.0.0 --format markdown'],
  formats: ['markdown'],
  parameters,
  run: (options, context) =>
    diff({ ...options, ...runOptions(options, 'outside CI', context), environment: context.environment }),
})

/** Compares the definitions with an earlier version: changes, who is affected, required version bump. */
export async function diff(options: DiffOptions): Promise<Outcome> {
  const reading = await readRegistry(options.definitions, options)
  if (reading.diagnostics.length > 0) return findingsOutcome(reading)
  const { registry: earlier, against, commit } = await earlierRegistry(options)
  const verdicts = verdictsOf(earlier, ownConnectors(reading.registry))
  const changes = verdicts.flatMap((verdict) => verdict.changes)
  const short = verdicts.filter(({ made, needed }) => !isEnough(made, needed))
  const worst = worstOf(changes)
  const failed = options.failOn.some((limit) =>
    limit === 'bump' ? short.length > 0 : worst !== undefined && isAtLeast(worst, limit),
  )
  return {
    exitCode: failed ? 1 : 0,
    json: {
      ok: !failed,
      against,
      ...(commit === undefined ? {} : { commit }),
      severity: worst ?? 'none',
      connectors: verdicts.map(({ changes: own, ...verdict }) => ({ ...verdict, changes: own.map(asJson) })),
    },
    markdown: () => markdown(verdicts, against),
    text: (colors) => text(verdicts, against, colors),
  }
}

interface Earlier {
  readonly registry: Registry
  /** The other side of the comparison, in words. */
  readonly against: string
  readonly commit?: string
}

/** The bases are those of today: changes of a base are another registry's. */
async function earlierRegistry({ definitions, ref, folder, twoDot, environment }: DiffOptions): Promise<Earlier> {
  const { folders } = definitionFolders(definitions)
  if (folder !== undefined) {
    const bases = folders.filter(({ isBase }) => isBase)
    return { registry: await registryIn([...bases, { path: folder, isBase: false }], folder), against: folder }
  }
  const copies = new Map<DefinitionFolder, Checkout>()
  try {
    for (const own of folders.filter(({ isBase }) => !isBase))
      copies.set(own, await checkOut(ref, own.path, { at: twoDot ? 'ref' : 'merge-base', environment }))
    const [{ name, commit }] = copies.values() as unknown as readonly [Checkout]
    const earlier = folders.map((one) => ({ ...one, path: copies.get(one)?.folder ?? one.path }))
    return { registry: await registryIn(earlier, name), against: name, commit }
  } finally {
    for (const copy of copies.values()) await copy.remove()
  }
}

/** With findings there would be no telling what was removed from what could not be read. */
async function registryIn(folders: readonly DefinitionFolder[], name: string): Promise<Registry> {
  const { registry, diagnostics } = await readFolders(folders)
  const [first] = diagnostics
  if (first === undefined) return ownConnectors(registry)
  throw new OperationalError(`the definitions of ${name} do not validate: ${first.message} [${first.code}]`, {
    help: 'compare with a later version, or with this tool as it was then',
  })
}

function asJson(change: Change): object {
  const audiences = Object.fromEntries(AUDIENCES.map((audience) => [audience, severityFor(change, audience) ?? 'none']))
  return { ...change, severity: severityOf(change), summary: kinds[change.code].summary, audiences }
}

const ORDER: readonly Severity[] = ['breaking', 'minor', 'patch']

function sorted(changes: readonly Change[]): readonly Change[] {
  return ORDER.flatMap((severity) => changes.filter((change) => severityOf(change) === severity))
}

function text(verdicts: readonly Verdict[], against: string, colors: Colors): string {
  if (verdicts.length === 0) return `${colors.green('the same')} as ${against}`
  const paint = { breaking: colors.red, minor: colors.yellow, patch: colors.dim }
  const lines = verdicts.flatMap((verdict) => [
    `${colors.bold(verdict.connector)} ${versionWords(verdict)}`,
    ...sorted(verdict.changes).map((change) => {
      const severity = severityOf(change)
      const whom = AUDIENCES.filter((audience) => severityFor(change, audience) === severity).join(', ')
      const subject = change.subject === '' ? '' : ` ${change.subject}`
      return `  ${paint[severity](severity.padEnd(8))} ${change.code}${visible(subject)}: ${visible(change.detail)} ${colors.dim(`(${whom})`)}`
    }),
    '',
  ])
  const changes = verdicts.flatMap((verdict) => verdict.changes)
  const amounts = ORDER.map(
    (severity) => `${changes.filter((change) => severityOf(change) === severity).length} ${severity}`,
  )
  return [...lines, `${count(changes.length, 'change')} since ${against}: ${amounts.join(', ')}`].join('\n')
}

function versionWords({ before, after, needed, made }: Verdict): string {
  if (before === undefined) return `${after}, new`
  if (after === undefined) return `${before}, removed`
  if (isEnough(made, needed)) return `${before} → ${after}`
  return `${before} → ${after}, but this asks for a ${needed} version`
}

const HEADINGS: Readonly<Record<Severity, string>> = {
  breaking: 'Breaking',
  minor: 'Added and changed',
  patch: 'Reworded',
}
const WHOM: Readonly<Record<Audience, string>> = {
  tenants: 'installed tenants',
  consumers: 'whoever sends or reads events',
  typescript: 'TypeScript users',
  database: 'the database',
}

/** An entry for a changelog. */
function markdown(verdicts: readonly Verdict[], against: string): string {
  if (verdicts.length === 0) return `Nothing changed since ${inlineCode(against)}.`
  return verdicts
    .map((verdict) => {
      const sections = ORDER.map((severity) => {
        const own = verdict.changes.filter((change) => severityOf(change) === severity)
        if (own.length === 0) return ''
        const items = own.map((change) => {
          const whom = AUDIENCES.filter((audience) => severityFor(change, audience) === severity)
          const subject = change.subject === '' ? '' : `${inlineCode(change.subject)}: `
          return `- ${subject}${kinds[change.code].summary} ${inlineCode(change.detail)} Concerns ${whom.map((one) => WHOM[one]).join(', ')}.`
        })
        return `\n#### ${HEADINGS[severity]}\n\n${items.join('\n')}\n`
      })
      return `### ${inlineCode(verdict.connector)} ${versionWords(verdict)}\n${sections.join('')}`
    })
    .join('\n')
}
