/** A part of a text that looks like a secret or like data of a person. */
export interface Match {
  /** What it looks like, with its article. */
  readonly what: string
  readonly from: number
  readonly to: number
}

/**
 * Shapes of credentials that the detector does not know. Every pattern is linear: a fixed beginning, then one run of
 * characters.
 */
const SHAPES: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a Meta access token', pattern: /\bEAA[A-Za-z0-9]{24,}/g },
  { what: 'a Stripe key', pattern: /\b[rs]k_live_[A-Za-z0-9]{16,}/g },
  { what: 'a webhook signing secret', pattern: /\bwhsec_[A-Za-z0-9+/=]{24,}/g },
  { what: 'a Google API key', pattern: /\bAIza[A-Za-z0-9_-]{35}/g },
  { what: 'a Google client secret', pattern: /\bGOCSPX-[A-Za-z0-9_-]{20,}/g },
  {
    what: 'a HubSpot private app token',
    pattern: /\bpat-(?:na|eu|ap)[0-9]-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
  },
  { what: 'a LinkedIn client secret', pattern: /\bWPL_AP[01]\.[A-Za-z0-9]{10,}/g },
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]{1,20} )?PRIVATE KEY-----/g },
  { what: 'a signed token (JWT)', pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g },
  { what: 'a Supabase key', pattern: /\bsb_secret_[A-Za-z0-9_-]{20,}/g },
]

/** Everything in a text that looks like a real credential. */
export async function secretsIn(text: string): Promise<readonly Match[]> {
  const own = SHAPES.flatMap(({ what, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({ what, from: match.index, to: match.index + match[0].length })),
  )
  return [...own, ...(await detected(text))]
}

/** Asked for once, when the first text is read: the loader takes its time also for what it has loaded before. */
let detector: ReturnType<typeof loadDetector> | undefined

function loadDetector() {
  return Promise.all([import('@secretlint/core'), import('@secretlint/secretlint-rule-preset-recommend')])
}

async function detected(content: string): Promise<readonly Match[]> {
  detector ??= loadDetector()
  const [{ lintSource }, { creator }] = await detector
  const { messages } = await lintSource({
    source: { filePath: 'definition.yaml', content, contentType: 'text', ext: '.yaml' },
    options: {
      noPhysicFilePath: true,
      config: { rules: [{ id: creator.meta.id, rule: creator, rules: [AWS] }] },
    },
  })
  return messages.map(({ message, range: [from, to] }) => ({ what: `a secret (${nameIn(message)})`, from, to }))
}

/** Ids of keys are told, too; those of accounts are no secret, and other vendors call theirs alike. */
const AWS = {
  id: '@secretlint/secretlint-rule-aws',
  options: { enableIDScanRule: true },
  allowMessageIds: ['AWSAccountID'],
}

/** The detector's message ends with the secret itself, and may explain its kind in brackets. */
function nameIn(message: string): string {
  return (message.split(/[:(]/)[0] ?? '').replace(/^found /, '').trim()
}
