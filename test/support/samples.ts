import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bodyOf, renderer } from './pages.ts'

const docs = join(import.meta.dirname, '..', '..', 'generated', 'docs')

/** A block of code in the guide. */
export interface Sample {
  /** Relative to `generated/docs`. */
  readonly page: string
  readonly language: string
  readonly source: string
  /** The nearest heading above. */
  readonly heading: string
  /** The paragraph above. */
  readonly lead: string
}

/** Every block of code of every page of the guide, in order; those of the reference have a test of their own. */
export const samples: readonly Sample[] = readdirSync(docs, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => !name.startsWith('reference/'))
  .sort()
  .flatMap(samplesIn)

function samplesIn(page: string): readonly Sample[] {
  const found: Sample[] = []
  let heading = ''
  let lead = ''
  let isHeading = false
  for (const token of renderer.parse(bodyOf({ text: readFileSync(join(docs, page), 'utf8') }), {})) {
    if (token.type === 'heading_open') isHeading = true
    if (token.type === 'inline') {
      const text = (token.children ?? []).map(({ content }) => content).join('')
      if (isHeading) heading = text
      else lead = text
      isHeading = false
    }
    if (token.type === 'fence')
      found.push({ page, language: token.info, source: token.content.trimEnd(), heading, lead })
  }
  return found
}

/** Calls of HERA's endpoints, as the guide makes them. */
export const calls: readonly (Sample & { readonly endpoint: string })[] = samples.flatMap((sample) => {
  const [, endpoint] = /^const \w+ = await fetch\('\/api\/v2\/integrations\/(\w+)', /.exec(sample.source) ?? []
  return sample.language === 'ts' && endpoint !== undefined ? [{ ...sample, endpoint }] : []
})

/** Blocks that name a file are modules; they import each other under that name. */
export const modules: readonly { readonly name: string; readonly source: string }[] = samples.flatMap(({ source }) => {
  const [, path] = /^\/\/ (\S+\.ts)\n/.exec(source) ?? []
  return path === undefined ? [] : [{ name: path.split('/').at(-1) ?? '', source }]
})

/** Blocks that subscribe to webhooks; the application has their configuration, and sends their requests. */
export const subscriptionSamples: readonly { readonly page: string; readonly source: string }[] = samples.filter(
  ({ source, language }) => language === 'ts' && /^import \{ createSubscription \}/.test(source),
)
