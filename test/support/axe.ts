import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What a tool that knows the rules of accessibility has against a page, by rule and element. */
export async function barriers(page: Page): Promise<readonly string[]> {
  // In a world of its own, since a page may let no foreign script run.
  const found = await page.evaluate(`(() => { const module = undefined; ${axe.source}; return axe.run() })()`)
  const { violations } = found as {
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
  }
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}
