import type { Draft, EndpointDraft } from './draft.ts'
import type { PlannedEvent } from './plan.ts'

/** What somebody says of a connector before anything is looked up. */
export interface Answers {
  readonly code: string
  readonly name: string
  readonly vendor: string
  readonly category: string
  readonly namespace: string
  readonly auth: 'api_key' | 'oauth2' | 'webhook'
  /** Where the vendor documents its API. */
  readonly documentation: string
  /** Names of events, at least one. */
  readonly events: readonly string[]
  /** Where the definition finds its format, for editors. */
  readonly schema: string
  /** Today, as in 2026-11-23. */
  readonly today: string
  /** Answers that nobody has given; they are marked. */
  readonly guessed: readonly (keyof Answers)[]
}

/** What a published document adds to the answers. */
export interface Content {
  readonly draft: Draft
  readonly endpoints: readonly EndpointDraft[]
  /** Empty where the document describes none: then the answers' events stand in. */
  readonly events: readonly PlannedEvent[]
  readonly samples: readonly WrittenSample[]
}

/** A sample delivery as it is written down, in the definition or in a file beside it. */
export interface WrittenSample {
  readonly name: string
  readonly held: { readonly body: string } | { readonly file: string }
  readonly events: readonly string[]
  readonly unrecognized: readonly string[]
}

/** Answers that follow from a code, for whoever gives no others. */
export function usualAnswers(code: string): Pick<Answers, 'name' | 'vendor' | 'namespace'> {
  const words = code.split('-').filter((word) => word !== '')
  const name = words.map((word) => (word[0] ?? '').toUpperCase() + word.slice(1)).join(' ')
  const letters = words
    .join('')
    .toUpperCase()
    .replace(/^[0-9]+/, '')
  return { name, vendor: name.split(' ')[0] ?? name, namespace: letters.slice(0, 15).padEnd(3, 'X') }
}
