import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Part } from '../../fixtures/owners-guide.ts'
import { ownersGuide } from '../../fixtures/owners-guide.ts'
import { decoded, renderer, sectionOf } from '../../support/pages.ts'

const docs = join(import.meta.dirname, '..', '..', '..', 'generated', 'docs')

/** What of a part is missing in a section of a page. */
function missing({ says, shows = [] }: Part, section: string): readonly string[] {
  const plain = decoded(renderer.render(section)).replace(/\s+/g, ' ')
  return [
    ...says.filter((words) => !plain.toLowerCase().includes(words.toLowerCase())),
    ...shows.filter((code) => !section.includes(code)),
  ]
}

describe("everything in the owner's guide stands in the generated one", () => {
  test.each(ownersGuide.map((part) => [`${part.of}: ${part.page}, ${part.heading}`, part] as const))(
    '%s',
    (_, part) => {
      const page = readFileSync(join(docs, part.page), 'utf8')
      expect(missing(part, sectionOf(page, part.heading))).toEqual([])
    },
  )
})

test('what is missing is named', () => {
  const part: Part = { of: '', page: '', heading: '', says: ['Some words', 'others'], shows: ['code'] }
  expect(missing(part, 'some **words**')).toEqual(['others', 'code'])
})
