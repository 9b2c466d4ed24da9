import { jsonTarget } from './json/json-target.ts'
import { markdownTarget } from './markdown/markdown-target.ts'
import { sqlTarget } from './sql/sql-target.ts'
import type { Target } from './target.ts'
import { typescriptTarget } from './typescript/typescript-target.ts'

/** Everything that the registry is turned into. A new target is one folder and one line here. */
export const targets: readonly Target[] = [sqlTarget, typescriptTarget, markdownTarget, jsonTarget]
