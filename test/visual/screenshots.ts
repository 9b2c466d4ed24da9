// Pictures of the site as Chromium shows it, in `test/screenshots`: to be looked at, and not kept.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { browsers } from '../support/browsers.ts'
import { startSite } from '../support/site.ts'
import { looked, viewed, views } from '../support/site-views.ts'

const folder = join(import.meta.dirname, '..', 'screenshots')

if (browsers.missing !== undefined) throw new Error(browsers.missing)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const site = await startSite()
const browser = await browsers.open()
try {
  for (const view of views) {
    const context = await viewed(browser, view)
    const page = await context.newPage()
    for (const [name, path] of looked) {
      await page.goto(new URL(path, site.url).href, { waitUntil: 'networkidle' })
      await take(page, `${name}-${view.name}`)
    }
    await search(page)
    await take(page, `search-${view.name}`)
    await context.close()
  }
} finally {
  await browser.close()
  await site.stop()
}

async function search(page: Page): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.locator('#localsearch-input').fill('message_received')
  await page.locator('.result').first().waitFor()
}

async function take(page: Page, name: string): Promise<void> {
  const path = join(folder, `${name}.png`)
  await page.screenshot({ path })
  process.stdout.write(`${path}\n`)
}
