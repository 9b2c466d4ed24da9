import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connector, Registry } from '../../generator/model/connector.ts'
import { acme, connectorOf, edit } from '../support/acme.ts'
import { hostile } from '../support/adversarial-input.ts'
import { browsers } from '../support/browsers.ts'
import { crawl } from '../support/crawl.ts'
import { mayRun } from '../support/servers.ts'
import { type Site, startSiteOf } from '../support/site.ts'
import { opened } from '../support/site-views.ts'
import { hostileConnector } from '../types/adversarial-connector.ts'

/** What would leave a trace, were it a template, markup or a script. */
const trap = [
  "{{ constructor.constructor('window.owned = 1')() }}",
  '<img src=x onerror="window.owned = 1">',
  '<svg onload="window.owned = 1"></svg>',
  '<component :is="\'script\'">window.owned = 1</component>',
  '</script><script>window.owned = 1</script>',
  "</template>{{ constructor.constructor('window.owned = 1')() }}",
].join(' ')
const name = 'Trap {{ 6 * 7 }} <b onclick="window.owned = 1">bold</b> </script> & <i>more</i>'

const trapped: Connector = {
  ...connectorOf(
    edit(
      acme,
      ['description: Your account at Acme.', `description: ${JSON.stringify(hostile)}`],
      ['fix: Set the same token in both places.', `fix: ${JSON.stringify(trap)}`],
      ['description: Mail address.', `description: ${JSON.stringify(`${trap} ${hostile}`)}`],
      ['stage: lead', `stage: ${JSON.stringify(trap)}`],
    ).replace('enum: [lead, customer]', `enum: [lead, customer, ${JSON.stringify(trap)}]`),
  ),
  code: 'trap',
  name,
  vendor: trap,
  purpose: `${trap} ${hostile}`,
}

const pages: Registry = { connectors: [{ ...hostileConnector, code: 'hostile' }, trapped] }

const ways = ['api_key', 'oauth2', 'webhook'] as const
const shelves = ['crm', 'developer_tools', 'messaging', 'social'] as const

/** A catalogue of a thousand, of which the last two are hostile. */
const catalogue: Registry = {
  connectors: [
    ...Array.from({ length: 998 }, (_, index): Connector => {
      const number = String(index).padStart(3, '0')
      const [category = 'crm', type = 'oauth2'] = [shelves[index % 4], ways[index % 3]]
      const auth = { ...trapped.auth, type }
      return {
        ...trapped,
        code: `connector-${number}`,
        name: `Connector ${number}`,
        vendor: 'Acme',
        purpose: 'One of many.',
        category,
        auth,
      }
    }),
    ...pages.connectors,
  ],
}

const title =
  browsers.missing === undefined ? 'a hostile site in Chromium' : `a hostile site (skipped: ${browsers.missing})`

describe.runIf(mayRun(browsers))(title, () => {
  let site: Site
  let browser: Browser
  let page: Page
  let troubles: string[]
  beforeAll(async () => {
    site = await startSiteOf(pages, catalogue)
    browser = await browsers.open()
    page = await browser.newPage()
    troubles = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) troubles.push(message.text())
    })
    page.on('pageerror', (error) => troubles.push(error.message))
    page.on('dialog', (dialog) => {
      troubles.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await site?.stop()
  })

  /** Opens a page, and gives all text that it shows. */
  async function read(path: string): Promise<string> {
    await opened(page, `${site.url}${path}`)
    return (await page.locator('body').textContent()) ?? ''
  }

  async function owned(): Promise<unknown> {
    return page.evaluate('window.owned')
  }

  test('is built without a warning, also below a path', async () => {
    expect(site.complaints).toEqual([])
    // Most of the thousand have no page here.
    const { broken } = await crawl(site.url)
    expect(broken.filter((link) => !/\/connector-\d+\.html$/.test(link))).toEqual([])
  })

  test.each(['connectors/trap.html', 'connectors/hostile.html', 'index.html', 'events.html', 'catalogue.html'])(
    'nothing of a definition acts on %s, and its text is there as it is',
    async (path) => {
      const shown = await read(path)
      expect(await owned()).toBe(undefined)
      expect(troubles).toEqual([])
      // The sidebar, the events and the cards have the name, each as text.
      if (path !== 'connectors/hostile.html') expect(shown).toContain(name)
      expect(await page.locator('.VPContent b, .VPContent i, .VPSidebar b, .VPSidebar i').count()).toBe(0)
    },
  )

  test('the text of a page is exactly that of the definition', async () => {
    const shown = await read('connectors/trap.html')
    expect(shown.split(trap).length - 1).toBeGreaterThanOrEqual(4)
    expect(shown.split(hostile).length - 1).toBeGreaterThanOrEqual(3)
    // Front matter keeps angle brackets from acting with a character that nobody sees.
    expect((await page.title()).replaceAll('\u2060', '')).toContain('Trap {{ 6 * 7 }} <b')
  })

  test('pages that are turned to without loading anew are as harmless', async () => {
    await read('events.html')
    await page.locator('.vp-doc a[href$="/connectors/trap.html"]').first().click()
    await page.waitForURL('**/connectors/trap.html')
    await page.getByRole('heading', { level: 1 }).filter({ hasText: 'Trap' }).waitFor()
    expect(await page.locator('body').textContent()).toContain(trap)
    expect(await owned()).toBe(undefined)
    expect(troubles).toEqual([])
  })

  test('the search shows hostile headings as text', async () => {
    await read('events.html')
    await page.keyboard.press('Control+k')
    await page.locator('#localsearch-input:focus').waitFor()
    await page.keyboard.type('trap')
    const first = page.locator('.result', { hasText: 'Trap' }).first()
    await first.waitFor()
    expect(await first.textContent()).toContain(name)
    expect(await owned()).toBe(undefined)
    expect(troubles).toEqual([])
  })

  test('the catalogue of a thousand is all there, and narrows at once', async () => {
    await read('catalogue.html')
    expect(await page.locator('.card').count()).toBe(1000)
    expect(await page.getByRole('status').textContent()).toBe('1000 connectors')
    const started = performance.now()
    await page.getByRole('searchbox', { name: 'Search' }).fill('connector-99')
    await page.getByLabel('Category').selectOption('social')
    await page.getByText('2 of 1000 connectors').waitFor()
    // A machine that is busy with other tests takes its time; a person waits no tenth of a second.
    expect(performance.now() - started).toBeLessThan(3000)
    expect(await page.locator('.card-name').allTextContents()).toEqual(['Connector 991', 'Connector 995'])
    await page.getByRole('searchbox', { name: 'Search' }).fill('{{ 6 * 7 }}')
    await page.getByLabel('Category').selectOption('')
    expect(await page.locator('.card-name').allTextContents()).toEqual([name])
    expect(await owned()).toBe(undefined)
    expect(troubles).toEqual([])
  })

  test('of so many connectors the sidebar names none', async () => {
    await read('events.html')
    expect(await page.locator('.VPSidebar a[href*="/connectors/"]').count()).toBe(0)
    expect(await page.locator('.VPSidebar a').count()).toBeGreaterThan(4)
  })
})
