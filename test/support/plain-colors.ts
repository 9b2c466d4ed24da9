import type { Colors } from '../../generator/diagnostics/render-text.ts'

const same = (text: string) => text

/** No colour at all, as on a pipe. */
export const plain: Colors = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same }
