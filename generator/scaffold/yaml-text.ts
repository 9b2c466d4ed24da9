import { Document, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { UNDESCRIBED } from './schema-converter.ts'

/** The mark of a value that nobody has looked up. */
export const FILL_IN = 'FILL IN'

/** A value that is to be looked up, with what belongs in its place. */
class FillIn {
  readonly value: unknown
  readonly comment: string

  constructor(value: unknown, comment: string) {
    this.value = value
    this.comment = comment
  }
}

/** Marks a value as one that only the vendor's documentation can confirm. */
export function fillIn(value: unknown, what = ''): FillIn {
  return new FillIn(value, what === '' ? ` ${FILL_IN}` : ` ${FILL_IN}: ${what}`)
}

/** A value that nobody has looked up yet, with what belongs in its place. */
export function blank(what: string): FillIn {
  return new FillIn(FILL_IN, ` ${what}`)
}

/** Writes a definition: a blank line before each part, and a comment beside each guess. */
export function yamlText(definition: Readonly<Record<string, unknown>>): string {
  const root = mapOf(definition)
  for (const { key, value } of root.items) {
    if (value instanceof YAMLMap || value instanceof YAMLSeq) key.spaceBefore = true
  }
  const document = new Document()
  document.contents = root as never
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

function nodeOf(value: unknown): Node {
  if (value instanceof FillIn) return commented(nodeOf(value.value), value.comment)
  // YAML 1.1 takes what looks like a date for one, and some readers still do.
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)) return quoted(value)
  if (value === UNDESCRIBED) return commented(new Scalar(value), ' FILL IN')
  if (Array.isArray(value)) return listOf(value)
  return typeof value === 'object' && value !== null ? mapOf(value) : new Scalar(value)
}

function quoted(text: string): Scalar {
  const scalar = new Scalar(text)
  scalar.type = Scalar.QUOTE_DOUBLE
  return scalar
}

function commented(node: Node, comment: string): Node {
  const isBlock = (node instanceof YAMLMap || node instanceof YAMLSeq) && node.flow !== true
  if (isBlock) node.commentBefore = comment
  else node.comment = comment
  return node
}

function mapOf(value: object): YAMLMap<Scalar, Node> {
  const map = new YAMLMap<Scalar, Node>()
  map.items = Object.entries(value)
    .filter(([, inside]) => inside !== undefined)
    .map(([key, inside]) => new Pair(new Scalar(key), nodeOf(inside)))
  map.flow = map.items.length === 0
  return map
}

/** Short lists of plain values stand on one line. */
function listOf(values: readonly unknown[]): YAMLSeq {
  const list = new YAMLSeq()
  list.items = values.map(nodeOf)
  const isPlain = values.every((value) => typeof value !== 'object' || value === null)
  list.flow = isPlain && JSON.stringify(values).length <= 80
  return list
}
