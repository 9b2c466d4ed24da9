import type { SignatureScheme } from '../kit/webhook.ts'
import type { Draft, EndpointDraft } from './draft.ts'
import type { PlannedEvent } from './plan-event.ts'

/** What somebody says of a connector before anything is looked up. */
export interface Answers {
  readonly code: string
  readonly name: string
  readonly vendor: string
  readonly category: string
  readonly namespace: string
  readonly auth: 'api_key' | 'oauth2' | 'webhook' | 'unknown'
  /** Where the vendor documents its API; undefined while nobody has looked it up. */
  readonly documentation?: string
  /** Names of events. */
  readonly events: readonly string[]
  /** How deliveries are proved; undefined while nobody has looked it up. */
  readonly signature?: SignatureScheme['algorithm']
  /** Whether the vendor checks the URL. */
  readonly handshake?: boolean
  /** Whether an application subscribes by calls. */
  readonly subscription?: boolean
  /** Where the definition finds its format, for editors. */
  readonly schema: string
  /** Today, as in 2026-11-23. */
  readonly today: string
  /** Answers that nobody has given; they are marked. */
  readonly guessed: readonly (keyof Answers)[]
}

/** Answers that were given already; what is missing has a usual answer, or is asked for. */
export type Given = Partial<Omit<Answers, 'today' | 'guessed' | 'schema'>> & {
  /** Names of endpoints of a published document. */
  readonly endpoints?: readonly string[]
}

/** Asks a person for what was not given; undefined where he has had enough. */
export type Ask = (given: Given, choices: Choices) => Promise<Given | undefined>

/** Something of a document that can be picked. */
export interface Offered {
  readonly name: string
  /** As the document calls it. */
  readonly original: string
}

/** What a question can be answered with, and what is said of an answer that will not do. */
export interface Choices {
  readonly categories: readonly string[]
  readonly usual: (code: string) => Required<Pick<Answers, 'name' | 'vendor' | 'namespace'>>
  readonly problemOf: (field: keyof Given, answer: string) => string | undefined
  /** What a published document says already, and offers. */
  readonly code: string | undefined
  readonly documentation: string | undefined
  /** A document is imported, so that its events are all there are. */
  readonly isFromDocument: boolean
  readonly auth: Answers['auth'] | undefined
  readonly events: readonly Offered[]
  readonly endpoints: readonly Offered[]
}

/** What a published document adds to the answers. */
export interface ImportedContent {
  readonly draft: Draft
  readonly endpoints: readonly EndpointDraft[]
  readonly events: readonly PlannedEvent[]
  readonly samples: readonly WrittenSample[]
}

/** A sample delivery as it is written down, in the definition or in a file beside it. */
export interface WrittenSample {
  readonly name: string
  readonly content: { readonly body: string } | { readonly file: string }
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
