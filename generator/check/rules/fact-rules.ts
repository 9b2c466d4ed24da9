import { snippet } from '../../diagnostics/explanation.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { factsOf } from '../../model/facts.ts'
import { scannedTextsOf } from '../sensitive-data/scanned-texts.ts'
import { leavesOf } from './leaves.ts'
import type { RuleTable } from './rule.ts'

/** An active definition is offered to tenants, so it is finished and can be verified. */
export const factRules = {
  'text/unfinished': {
    scope: 'source',
    summary: 'An active definition contains neither "FILL IN" nor "not looked up", in values and comments.',
    help: 'look it up and cite the source, leave it out, or set the status to draft',
    why: 'An active definition is offered to tenants, and its text reaches databases and pages. A gap looks like a fact there.',
    about: ['definition.status'],
    bad: 'legal: "FILL IN: the terms of use"',
    good: 'legal: Acme terms of use.',
    reads: [],
    activeOnly: true,
    check(document, report) {
      if (!MAYBE_UNFINISHED.test(document.text)) return
      const reported = new Set<string>()
      for (const { text, path, span, sample } of scannedTextsOf(document)) {
        const [words] = UNFINISHED.exec(text) ?? []
        // A "#" within a value also looks like a comment, and is found with the value.
        const place = path.join('/')
        if (words === undefined || sample !== undefined || isSample(path) || reported.has(place)) continue
        reported.add(place)
        report({ path, ...(span === undefined ? {} : { span }) }, `"${words}" in an active definition`)
      }
    },
  },
  'text/reserved-host': {
    scope: 'definition',
    summary: 'An active definition names example.com and other reserved hosts in examples and samples only.',
    help: "write the vendor's host, leave the value out, or set the status to draft",
    why: 'Calls to example.com, .example, .test, .invalid (RFC 2606) and localhost never reach the vendor. Examples and samples may use them, because they belong to nobody.',
    about: ['definition.status'],
    bad: 'description: Keep contacts as https://example.com/retention says.',
    good: 'description: Keep contacts as long as the customer does.',
    reads: ['links'],
    activeOnly: true,
    waivable: true,
    check(definition, report) {
      // A vendor whose documentation is on .example is made up as a whole, like those of tests and tutorials.
      const isMadeUp = /^https?:\/*[^/]+\.example(?:\/|$)/.test(definition.links?.documentation ?? '')
      for (const { value, path } of leavesOf(definition)) {
        const host = typeof value === 'string' && !isExample(path) ? reservedHostIn(value) : undefined
        if (host === undefined || (isMadeUp && host.endsWith('.example'))) continue
        report(path, `"${host}" is reserved for examples`)
      }
    },
  },
  'source/missing': {
    scope: 'definition',
    summary: 'Every fact of an active definition cites a source.',
    help: 'add `cites` with a key of `sources`, here or in an object around it, or set the status to draft',
    why: "Readers can verify only what has a source. Facts are: each field, scope and token under `auth`, its `oauth` and `refresh`; each endpoint and response header under `api`; each rate limit; `privacy`; each event that is not emitted by HERA; each handshake, each signature, each subscription and the delivery under `webhook`. The `cites` of an enclosing object counts for everything in it, the definition's own `cites` for the whole definition.",
    about: ['definition.cites', 'rateLimit.cites', 'endpoint.cites', 'event.cites', 'signature.cites'],
    bad: snippet`
      legal: Acme terms of use.
      deletion: Acme sends no deletion events.
      notes:
        - Addresses are personal data.
    `,
    good: snippet`
      legal: Acme terms of use.
      deletion: Acme sends no deletion events.
      notes:
        - Addresses are personal data.
      cites: acme-docs
    `,
    reads: ['auth', 'api', 'rate_limits', 'privacy', 'events', 'webhook'],
    activeOnly: true,
    at: 'key',
    check(definition, report) {
      for (const { path, cites } of factsOf(definition)) {
        if (cites.length === 0) report(path, `${path.join('.')} has no source`)
      }
    },
  },
} satisfies RuleTable

/** Anywhere in the file, also where a line break separates the words. */
const MAYBE_UNFINISHED = /FILL\s+IN|[Ll]ooked\s+up/
/** In capitals, as `new` writes it: people fill in forms. */
const UNFINISHED = /FILL IN|[Nn]ot (?:yet )?looked up/

function isExample(path: ValuePath): boolean {
  return path.includes('example') || path.includes('examples') || isSample(path)
}

function isSample([part, list, member, samples]: ValuePath): boolean {
  if (part === 'events') return member === 'poll' && samples === 'samples'
  return part === 'webhook' && list === 'samples'
}

/** Names without a scheme are searched for example.com only: "item.test" in a path is not a host. */
function reservedHostIn(text: string): string | undefined {
  const [plain] = /\bexample\.(?:com|net|org)\b/i.exec(text) ?? []
  if (plain !== undefined) return plain
  const hosts = [...text.matchAll(/\bhttps?:\/\/([^/?#\s"'<>]+)/gi)].map(([, host = '']) =>
    host.replace(/[.,;:]+$/, ''),
  )
  return hosts.find((host) => /(?:^|\.)(?:example|test|invalid|localhost)(?::\d+)?$/i.test(host))
}
