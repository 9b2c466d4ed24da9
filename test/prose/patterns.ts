/** A wording that readers stumble over, and what to write instead. */
export interface Pattern {
  /** Stable, since the allow-list refers to it. */
  readonly name: string
  /**
   * A regular expression without flags. A space matches any white space, also a line break inside a comment. Letters
   * match in both cases, except in patterns that start with `(?-i)`.
   */
  readonly find: string
  readonly write: string
}

/** Specific wordings first: where two match the same words, only the first is reported. */
export const patterns: readonly Pattern[] = [
  { name: 'only-truth', find: String.raw`\bthe only truth\b`, write: 'the single source of truth' },
  { name: 'hold-against', find: String.raw`\b(?:hold|holds|held|holding)(?: \S+){1,8}? against\b`, write: 'validate' },
  { name: 'mend', find: String.raw`\bmend(?:s|ed|ing)?\b`, write: 'fix' },
  { name: 'anew', find: String.raw`\banew\b`, write: 'again' },
  { name: 'once-more', find: String.raw`\bonce more\b`, write: 'again, or "is defined twice"' },
  { name: 'stand', find: String.raw`\b(?:stands?|stood|standing)\b`, write: 'is' },
  { name: 'lie', find: String.raw`\blies\b`, write: 'is' },
  {
    name: 'hold',
    find: String.raw`\b(?:hold|holds|held|holding)\b(?! (?:a|an|the|its|that|this|any)(?: \w+)? locks?\b| locks?\b)`,
    write: 'contain, keep or store',
  },
  { name: 'say', find: String.raw`\b(?:says|tells)\b`, write: 'shows, contains, lists or reports' },
  {
    name: 'name',
    find: String.raw`\bnames (?:a|an|the|its|what|which|where|no|one|every|each|it|them|all|both)\b`,
    write: 'lists, contains or shows',
  },
  {
    name: 'is-no',
    find: String.raw`(?<!\bthere )\b(?:is|are|was|were|be) (?:none\b(?! of)|no (?!longer\b|more than\b|less than\b|different\b|better\b)\w+)`,
    write: 'is not a …',
  },
  { name: 'part', find: String.raw`\bto part\b|\bparts (?:a|an|the|it|them)\b|\bparted\b`, write: 'separate' },
  {
    name: 'text',
    find: String.raw`\btexts\b|\b(?:a|any|each|every|one|this|that|another|such a) text\b(?! (?:file|field|editor|node|literal|column|type)s?\b)`,
    write: 'a string',
  },
  { name: 'fields-by-name', find: String.raw`\bfields by name\b`, write: 'an object, a mapping' },
  { name: 'take-up', find: String.raw`\b(?:take|takes|taking|took) up\b`, write: 'reload on change' },
  {
    name: 'machine-fault',
    find: String.raw`\bfaults? of the machine\b|\bmachine's fault\b`,
    write: 'an environment error',
  },
  {
    name: 'earnest',
    find: String.raw`\bin earnest\b|\bwaits? for (?:its|the) disk\b`,
    write: 'in production; with fsync on',
  },
  { name: 'whom', find: String.raw`\bwhom\b`, write: 'who is affected' },
  {
    name: 'usual-answers',
    find: String.raw`\basks? nothing\b|\busual answers\b`,
    write: 'accepts the defaults without prompting',
  },
  { name: 'shelf', find: String.raw`\bshel(?:f|ves)\b`, write: 'category' },
  { name: 'way-of', find: String.raw`\bthe way of (?:a|an|the)\b`, write: 'how a webhook reaches HERA' },
  { name: 'lives-of', find: String.raw`\blives of\b`, write: 'lifetimes, as in "token lifetimes"' },
  { name: 'want-back', find: String.raw`\bwants? (?:it )?back\b`, write: 'that you must echo back' },
  { name: 'chance', find: String.raw`\bsome chance\b`, write: 'jitter' },
  { name: 'got', find: String.raw`\b(?:is|are|was|were|be) got\b`, write: 'obtain' },
  { name: 'fits-nothing', find: String.raw`\bfits nothing\b`, write: 'matches no surrounding block' },
  {
    name: 'small-letters',
    find: String.raw`\bsmall letters?\b`,
    write: 'lower-case letters; say which form the value needs',
  },
  { name: 'by-name', find: String.raw`\bby name, without dashes\b`, write: 'must be a mapping, not a list' },
  { name: 'carry-over', find: String.raw`\bcarr(?:y|ies|ied|ying)(?: \S+){0,2} over\b`, write: 'import' },
  { name: 'own', find: String.raw`\bof (?:my|our|your|his|its|their|one's) own\b`, write: '"its own …" or "custom"' },
  {
    name: 'per',
    find: String.raw`\b(?:one|an?) (?:[\w-]+ )?(?!(?:a|an|and|or|of|for|from|in|with|as|to|on|at|by|that|but|than|into|like|under|over|about|is|was|has|without|inside|where|become|make|time|[\w-]+s)\b)[\w-]+ an? (?:event|file|connector|definition|line|page|machine|command|thread|table|word|finding|installation|delivery|key|task|piece|entry|folder|kind|rule|target|run)\b`,
    write: '"one … per event"',
  },
  { name: 'is-to-be', find: String.raw`\b(?:is|are|was|were) to be \w+(?:ed|en|t|wn)\b`, write: 'must be' },
  { name: 'need-be', find: String.raw`\b(?:where|if) need be\b`, write: 'if necessary' },
  { name: 'where-none', find: String.raw`\bwhere (?:none|nothing|nobody)\b`, write: 'if there is none' },
  {
    name: 'come-of',
    find: String.raw`\b(?:come|comes|came|become|becomes|became|made) of (?:it|them|this|that|each|all)\b`,
    write: 'the result',
  },
  { name: 'slip', find: String.raw`\bslips?\b`, write: 'a mistake, a syntax error' },
  { name: 'breach', find: String.raw`\bbreach(?:es)?\b`, write: 'a violation' },
  { name: 'parcel', find: String.raw`\bparcels?\b`, write: 'a bundle, a staging directory' },
  { name: 'fleet', find: String.raw`\bfleet\b`, write: 'a worker pool' },
  {
    name: 'clause-as-subject',
    // A capital letter, since the word begins a sentence; a question or a heading may begin like this.
    find: String.raw`(?-i)(?<=[.:;*/>|] |[('"\x60]|\/\/ |^|\n)(?:What|Whatever|Whoever|Where) (?:[^.?!\n]|\n(?!\n|\s*[\w-]+:))*?\.(?=\s|$|['"\x60*])`,
    write: 'a sentence that starts with its subject',
  },
  {
    name: 'clause-as-name',
    find: String.raw`(?-i)(?<=(?:test|describe|it|each\(.*\))\(\s*['"\x60])(?:what|whatever|whoever) `,
    write: 'a sentence that starts with its subject',
  },
]
