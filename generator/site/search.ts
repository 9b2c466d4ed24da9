/** A part of a page, as the search knows it. */
interface Section {
  readonly anchor: string
  /** Titles of the headings above it and its own, as HTML, which is how the theme shows them. */
  readonly titles: string[]
  readonly text: string
}

const HEADING = /<h([1-6]) id="([^"]*)"[^>]*>([\s\S]*?)<a class="header-anchor"[\s\S]*?<\/a><\/h\1>/g

/**
 * The parts of a rendered page. VitePress' own way leaves out every part whose heading is a link or has no text of its
 * own below it.
 */
export function* sections(html: string): Generator<Section> {
  const headings = [...html.matchAll(HEADING)]
  const above: string[] = []
  for (const [index, match] of headings.entries()) {
    const [all, level = '1', anchor = '', title = ''] = match
    const from = match.index + all.length
    above.length = Math.min(above.length, Number(level) - 1)
    above[Number(level) - 1] = plain(title)
    yield {
      anchor,
      titles: above.filter((part) => part !== undefined),
      text: plain(html.slice(from, headings[index + 1]?.index)),
    }
  }
}

/** Tags become spaces, so that the cells of a table do not run together. */
function plain(html: string): string {
  return html
    .replaceAll('<wbr>', '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
