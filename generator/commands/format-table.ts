import stringWidth from 'string-width'
import { visible } from '../diagnostics/render-text.ts'

/** Lines up columns by display width; the last one is not padded. Control characters are shown as escapes. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const cells = [header, ...rows].map((row) => row.map(visible))
  const widths = header.map((_, column) => Math.max(...cells.map((row) => stringWidth(row[column] ?? ''))))
  return cells.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)))
      .join('  ')
      .trimEnd(),
  )
}
