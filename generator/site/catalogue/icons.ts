import { createRequire } from 'node:module'
import type { Icons } from './card.ts'

const require = createRequire(import.meta.url)

/** The drawings of lucide's icons, by the names that definitions use. */
export const icons: Icons = require('@iconify-json/lucide/icons.json')
