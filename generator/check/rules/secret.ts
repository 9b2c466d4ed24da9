/** Shapes of real credentials. Every pattern is linear: fixed beginnings, then one run of characters. */
const SHAPES: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  { kind: 'a Meta access token', pattern: /\bEAA[A-Za-z0-9]{24,}/ },
  { kind: 'a GitHub token', pattern: /\b(?:gh[opsur]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})/ },
  { kind: 'a Slack token', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/ },
  {
    kind: 'a Slack webhook address',
    pattern: /hooks\.slack\.com\/services\/T[A-Za-z0-9]+\/B[A-Za-z0-9]+\/[A-Za-z0-9]{16,}/,
  },
  { kind: 'a Stripe key', pattern: /\b[rs]k_live_[A-Za-z0-9]{16,}/ },
  { kind: 'a webhook signing secret', pattern: /\bwhsec_[A-Za-z0-9+/=]{24,}/ },
  { kind: 'an AWS access key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { kind: 'a Google API key', pattern: /\bAIza[A-Za-z0-9_-]{35}/ },
  { kind: 'a Google client secret', pattern: /\bGOCSPX-[A-Za-z0-9_-]{20,}/ },
  {
    kind: 'a HubSpot private app token',
    pattern: /\bpat-(?:na|eu|ap)[0-9]-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/,
  },
  { kind: 'a LinkedIn client secret', pattern: /\bWPL_AP[01]\.[A-Za-z0-9]{10,}/ },
  { kind: 'a private key', pattern: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/ },
  { kind: 'a signed token (JWT)', pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/ },
  { kind: 'an npm token', pattern: /\bnpm_[A-Za-z0-9]{36}/ },
  { kind: 'a Supabase key', pattern: /\bsb_secret_[A-Za-z0-9_-]{20,}/ },
]

/** What kind of real credential a text seems to hold, or undefined. */
export function looksSecret(text: string): string | undefined {
  return SHAPES.find(({ pattern }) => pattern.test(text))?.kind
}
