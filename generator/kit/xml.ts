import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** Elements inside of one another, and entities are not expanded, so that a small body stays small. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '#text',
  parseTagValue: false,
  parseAttributeValue: false,
  removeNSPrefix: true,
  processEntities: { enabled: true, maxTotalExpansions: 0 },
})

/**
 * Parses XML into an object: elements by name without prefix, attributes with an `@` before their name, and the text of
 * an element that has attributes under `#text`. An element that occurs several times is a list. All values are strings.
 * Throws for anything that is not well-formed XML, and for a document type declaration.
 */
export function parseXml(text: string): unknown {
  if (/<!DOCTYPE/i.test(text)) throw new SyntaxError('a document type declaration is not accepted')
  const validity = XMLValidator.validate(text)
  if (validity !== true) throw new SyntaxError(validity.err.msg)
  return parser.parse(text)
}
