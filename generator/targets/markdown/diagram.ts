import stringWidth from 'string-width'
import type { Connector, OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { escapedXml } from './escape.ts'
import type { Sequence, Step } from './sequence.ts'

/** In pixels. The font is the reader's own, so a character is taken to be as wide as a wide one. */
const WIDTH = 760
const COLUMNS = { vendor: 110, endpoint: 380, hera: 650 } as const
const BOX = { width: 180, height: 36, top: 16 } as const
const LINE = 18
const CHARACTER = 7.2
const NOTE = 250

/** A webhook's way as a picture: an SVG that needs no script, no font and no other file. */
export function diagramFile(connector: Connector, sequence: Sequence): OutputFile {
  const title = `How a webhook of ${connector.name} reaches HERA`
  const rows = placed(sequence.steps)
  const height = rows.height + 16
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">`,
    `<!-- ${headerLines(connector).join(' ')} -->`,
    `<title id="title">${escapedXml(title)}</title>`,
    STYLE,
    `<rect class="paper" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    ...Object.entries(COLUMNS).flatMap(([party, x]) => lifeline(x, sequence.names[party as Step['from']], rows.height)),
    ...rows.steps.flatMap(drawn),
    '</svg>',
    '',
  ]
  return { path: `docs/connectors/${connector.code}.svg`, text: lines.join('\n') }
}

/** Its own paper, so that it can be read on any page; dark where the reader's system is. */
const STYLE = `<style>
svg { font: 13px system-ui, sans-serif; fill: #1f2328 }
.paper { fill: #ffffff; stroke: #d0d7de }
.box, .note { fill: #eef2f7; stroke: #8c959f }
.line { stroke: #8c959f; stroke-dasharray: 4 4 }
.arrow { stroke: #0b5cad; stroke-width: 1.5 }
.tip, .number { fill: #0b5cad }
.digit { fill: #ffffff; font-size: 11px; font-weight: 600 }
.name { font-weight: 600 }
@media (prefers-color-scheme: dark) {
svg { fill: #e6edf3 }
.paper { fill: #161b22; stroke: #3d444d }
.box, .note { fill: #232b36; stroke: #768390 }
.arrow { stroke: #6cb6ff }
.tip, .number { fill: #6cb6ff }
.digit { fill: #0d1117 }
}
</style>`

interface Placed {
  readonly step: Step
  readonly lines: readonly string[]
  readonly number: number
  readonly top: number
}

function placed(steps: readonly Step[]): { readonly steps: readonly Placed[]; readonly height: number } {
  const found: Placed[] = []
  let top = BOX.top + BOX.height + 20
  for (const [index, step] of steps.entries()) {
    const lines = wrapped(step.words, NOTE - 24)
    found.push({ step, lines, number: index + 1, top })
    top += lines.length * LINE + (step.from === step.to ? 26 : 30)
  }
  return { steps: found, height: top }
}

function lifeline(x: number, name: string, bottom: number): readonly string[] {
  const { width, height, top } = BOX
  const [first = '', ...others] = wrapped(name, width - 16)
  const label = others.length === 0 ? first : `${first}…`
  return [
    `<line class="line" x1="${x}" y1="${top + height}" x2="${x}" y2="${bottom}"/>`,
    `<rect class="box" x="${x - width / 2}" y="${top}" width="${width}" height="${height}" rx="6"/>`,
    `<text class="name" x="${x}" y="${top + 23}" text-anchor="middle">${escapedXml(label)}</text>`,
  ]
}

function drawn({ step, lines, number, top }: Placed): readonly string[] {
  const from = COLUMNS[step.from]
  const to = COLUMNS[step.to]
  if (from === to) {
    const height = lines.length * LINE + 12
    return [
      `<rect class="note" x="${from - NOTE / 2}" y="${top}" width="${NOTE}" height="${height}" rx="4"/>`,
      ...texts(lines, from, top + 20),
      ...badge(number, from - NOTE / 2, top + height / 2),
    ]
  }
  const y = top + lines.length * LINE + 6
  const back = to < from ? 1 : -1
  return [
    ...texts(lines, (from + to) / 2, top + 12),
    `<line class="arrow" x1="${from}" y1="${y}" x2="${to + back * 8}" y2="${y}"/>`,
    `<path class="tip" d="M${to} ${y} l${back * 10} -5 v10 z"/>`,
    ...badge(number, from, y),
  ]
}

function texts(lines: readonly string[], x: number, y: number): readonly string[] {
  return lines.map(
    (line, index) => `<text x="${x}" y="${y + index * LINE}" text-anchor="middle">${escapedXml(line)}</text>`,
  )
}

function badge(number: number, x: number, y: number): readonly string[] {
  return [
    `<circle class="number" cx="${x}" cy="${y}" r="9"/>`,
    `<text class="digit" x="${x}" y="${y + 4}" text-anchor="middle">${number}</text>`,
  ]
}

/** Lines that are no wider than so many pixels; a word that is wider is cut. */
function wrapped(words: string, width: number): readonly string[] {
  const most = Math.floor(width / CHARACTER)
  const lines: string[] = []
  let line = ''
  for (const word of words.split(/\s+/).flatMap((one) => piecesOf(one, most))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer) <= most) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}

/** In columns. Most words are plain, and need no look at each character. */
function widthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text)
}

function piecesOf(word: string, most: number): readonly string[] {
  if (widthOf(word) <= most) return [word]
  const characters = [...word]
  const pieces: string[] = []
  // Half as many fit even where all are of double width.
  const length = Math.floor(most / 2)
  for (let start = 0; start < characters.length; start += length)
    pieces.push(characters.slice(start, start + length).join(''))
  return pieces
}
