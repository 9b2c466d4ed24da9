import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'

/** The ways in which the site is looked at. */
export const views = [
  { name: 'desktop-light', width: 1440, height: 900, colorScheme: 'light' },
  { name: 'desktop-dark', width: 1440, height: 900, colorScheme: 'dark' },
  { name: 'phone-light', width: 390, height: 844, colorScheme: 'light' },
  { name: 'phone-dark', width: 390, height: 844, colorScheme: 'dark' },
] as const

export type View = (typeof views)[number]

/** The pages that are looked at. */
export const looked = [
  ['home', ''],
  ['connector', 'connectors/zapier-webhook.html'],
  ['events', 'events.html'],
  ['catalogue', 'catalogue.html'],
] as const

/** Opens a page, and waits until its scripts have taken it over. */
export async function opened(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await page.waitForFunction('document.getElementById("app").__vue_app__ !== undefined')
}

export async function viewed(
  browser: Browser,
  { width, height, colorScheme }: View,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  return browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce', ...options })
}
