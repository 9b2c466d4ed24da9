import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Registry } from '../../generator/model/connector.ts'
import { barriers } from '../support/axe.ts'
import { browsers } from '../support/browsers.ts'
import { type Crawl, crawl } from '../support/crawl.ts'
import { mayRun } from '../support/servers.ts'
import { type Site, startSite } from '../support/site.ts'
import { looked, opened, type View, viewed, views } from '../support/site-views.ts'

const docs = join(import.meta.dirname, '..', '..', 'generated', 'docs')
const files = readdirSync(docs, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(docs.length + 1))
const pages = files.filter((path) => path.endsWith('.md'))
const { connectors }: Registry = JSON.parse(readFileSync(join(docs, '..', 'json', 'registry.json'), 'utf8'))

let site: Site
beforeAll(async () => {
  site = await startSite()
}, 120_000)
afterAll(() => site?.stop())

function htmlOf(path: string): string {
  return readFileSync(join(site.folder, path.replace(/\.md$/, '.html')), 'utf8')
}

describe('the site', () => {
  let found: Crawl
  beforeAll(async () => {
    found = await crawl(site.url)
  })

  test('is built without a warning', () => {
    expect(site.complaints).toEqual([])
  })

  test('has every page of the guide, and leads to each of them', () => {
    expect(pages.length).toBeGreaterThan(9)
    const addresses = pages.map((path) =>
      path === 'index.md' ? site.url : `${site.url}${path.replace(/\.md$/, '.html')}`,
    )
    expect(addresses.filter((address) => !found.reached.has(address))).toEqual([])
    expect(found.reached).toContain(`${site.url}catalogue.html`)
  })

  test('has no link, anchor or picture that leads nowhere', () => {
    expect(found.broken).toEqual([])
    expect(found.followed).toBeGreaterThan(500)
  })

  test('publishes the Markdown, and what stands beside it, as it is', () => {
    for (const path of files)
      expect({ path, text: readFileSync(join(site.folder, path), 'utf8') }).toEqual({
        path,
        text: readFileSync(join(docs, path), 'utf8'),
      })
  })

  test('publishes nothing else of the checkout', () => {
    const published = readdirSync(site.folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.html'),
    )
    const wanted = [...pages.map((path) => path.replace(/\.md$/, '.html')), 'catalogue.html', '404.html']
    expect(published.toSorted()).toEqual(wanted.toSorted())
    expect(existsSync(join(site.folder, 'README.md'))).toBe(false)
  })

  test('keeps the anchors that GitHub gives', () => {
    expect(htmlOf('connectors/whatsapp-business-cloud.md')).toContain('<h3 id="message_received"')
  })

  test("lets one edit a connector's page where its definition is", () => {
    const address = 'https://github.com/hera/connectors/edit/main/definitions/hubspot-crm.yaml'
    expect(htmlOf('connectors/hubspot-crm.md')).toContain(`href="${address}"`)
    expect(htmlOf('patterns.md')).toContain(
      'href="https://github.com/hera/connectors/tree/main/generator/targets/markdown"',
    )
    expect(htmlOf('catalogue.md')).toContain('/edit/main/generator/site/pages/catalogue.md"')
  })
})

const title =
  browsers.missing === undefined ? 'the site in Chromium' : `the site in Chromium (skipped: ${browsers.missing})`

describe.runIf(mayRun(browsers))(title, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await browsers.open()
  })
  afterAll(() => browser?.close())

  /** Does something with a page, which must go without an error and without another host. */
  async function visit(
    view: View,
    path: string,
    act: (page: Page) => Promise<void>,
    options: BrowserContextOptions = {},
  ): Promise<void> {
    const context = await viewed(browser, view, options)
    const page = await context.newPage()
    const troubles: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) troubles.push(message.text())
    })
    page.on('pageerror', (error) => troubles.push(error.message))
    page.on('requestfailed', (request) => {
      // Whoever leaves a page does not wait for what it still fetches; whoever has no scripts is given none.
      const reason = request.failure()?.errorText
      if (reason !== 'net::ERR_ABORTED' && reason !== 'csp') troubles.push(`${reason}: ${request.url()}`)
    })
    page.on('request', (request) => {
      if (!/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(site.url)) troubles.push(request.url())
    })
    const address = new URL(path, site.url).href
    await (options.javaScriptEnabled === false ? page.goto(address) : opened(page, address))
    await act(page)
    expect(troubles).toEqual([])
    await context.close()
  }

  const [desktop, , phone, nightPhone] = views

  describe.each(views)('$name', (view) => {
    test.each(looked)('%s has no barrier, and is no wider than the window', async (_, path) => {
      await visit(view, path, async (page) => {
        expect(await page.evaluate('document.documentElement.classList.contains("dark")')).toBe(
          view.colorScheme === 'dark',
        )
        expect(await barriers(page)).toEqual([])
        expect(await overflowing(page)).toEqual([])
      })
    })
  })

  // Of each size and of each scheme one.
  describe.each([desktop, nightPhone])('$name', (view) => {
    test('the search has no barrier, and leads to an event by keyboard alone', async () => {
      await visit(view, '', async (page) => {
        await page.keyboard.press('Control+k')
        await page.locator('#localsearch-input:focus').waitFor()
        await page.keyboard.type('message_received')
        await page.locator('.result').first().waitFor()
        expect(await barriers(page)).toEqual([])
        expect(await overflowing(page)).toEqual([])
        await page.keyboard.press('Enter')
        await page.waitForURL('**/connectors/*.html#message_received')
        await page.getByRole('heading', { name: /^message_received/ }).waitFor()
      })
    })
  })

  test('the keyboard skips to the content, and always shows where it is', async () => {
    await visit(desktop, 'events.html', async (page) => {
      await page.keyboard.press('Tab')
      expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Skip to content')
      await page.keyboard.press('Enter')
      expect(await page.evaluate('document.activeElement.id')).toBe('VPContent')
      const unseen: string[] = []
      for (let step = 0; step < 40; step += 1) {
        await page.keyboard.press('Tab')
        const focus = (await page.evaluate(FOCUS)) as { readonly name: string; readonly outlined: boolean }
        if (!focus.outlined) unseen.push(focus.name)
      }
      expect(unseen).toEqual([])
    })
  })

  test('a table that is wider than a phone scrolls by itself, by keyboard too', async () => {
    await visit(phone, 'events.html', async (page) => {
      const box = page.locator('.table-box').first()
      expect(await box.getAttribute('tabindex')).toBe('0')
      await box.focus()
      await page.keyboard.press('ArrowRight')
      await page.waitForFunction('document.querySelector(".table-box").scrollLeft > 0')
    })
    await visit(desktop, 'connectors/zapier-webhook.html', async (page) => {
      expect(await page.locator('.table-box').first().getAttribute('tabindex')).toBe(null)
    })
  })

  describe('the catalogue', () => {
    const all = `${connectors.length} connectors`
    const social = connectors.filter(({ category }) => category === 'social').map(({ name }) => name)
    const byOauth = connectors.filter(({ auth }) => auth.type === 'oauth2')
    const names = (page: Page) => page.locator('.card-name').allTextContents()

    test('narrows by text, category and authentication, and says how many are left', async () => {
      await visit(desktop, 'catalogue.html', async (page) => {
        const status = page.getByRole('status')
        expect(await status.textContent()).toBe(all)
        await page.getByLabel('Category').selectOption('social')
        expect(await names(page)).toEqual(social)
        expect(await status.textContent()).toBe(`${social.length} of ${all}`)
        await page.getByRole('searchbox', { name: 'Search' }).fill('META-GRAPH-API')
        expect(await names(page)).toEqual(['Meta (Facebook) Graph API'])
        await page.getByLabel('Authentication').selectOption('api_key')
        expect(await names(page)).toEqual([])
        expect(await barriers(page)).toEqual([])
        await page.getByRole('button', { name: 'Show all' }).click()
        expect(await names(page)).toHaveLength(connectors.length)
        expect(await page.getByLabel('Category').inputValue()).toBe('')
      })
    })

    test('keeps what is looked for in the address, which can be shared', async () => {
      await visit(desktop, 'catalogue.html', async (page) => {
        await page.getByRole('searchbox', { name: 'Search' }).fill('linkedin-api')
        await page.getByLabel('Category').selectOption('social')
        const address = `${site.url}catalogue.html?q=linkedin-api&category=social`
        expect(page.url()).toBe(address)
        await page.locator('.card').getByRole('link', { name: 'LinkedIn Marketing API' }).click()
        await page.waitForURL('**/connectors/linkedin-api.html')
        await page.goBack()
        await page.getByText(`1 of ${all}`).waitFor()
        await page.goto(address.replace('social', 'crm'))
        await page.getByText(`0 of ${all}`).waitFor()
        await page.goto(`${site.url}catalogue.html?category=nonsense&auth=oauth2`)
        await page.getByText(`${byOauth.length} of ${all}`).waitFor()
      })
    })

    test('is used by keyboard alone', async () => {
      await visit(phone, 'catalogue.html', async (page) => {
        await page.getByRole('searchbox', { name: 'Search' }).focus()
        await page.keyboard.type('hubspot-crm')
        for (const key of ['Tab', 'Tab', 'Tab', 'Tab']) await page.keyboard.press(key)
        await page.keyboard.press('Enter')
        await page.waitForURL('**/connectors/hubspot-crm.html')
      })
    })

    test('is a plain list without scripts', async () => {
      await visit(
        desktop,
        'catalogue.html',
        async (page) => {
          expect(await names(page)).toHaveLength(connectors.length)
          expect(await page.getByRole('searchbox').count()).toBe(0)
          await page.locator('.card').getByRole('link', { name: 'Zapier Webhooks' }).click()
          await page.waitForURL('**/connectors/zapier-webhook.html')
        },
        { javaScriptEnabled: false },
      )
    })
  })

  test('every page is readable on small phones and on tablets', async () => {
    await visit(phone, '', async (page) => {
      for (const path of pages) {
        await page.goto(`${site.url}${path.replace(/\.md$/, '.html')}`)
        for (const width of [320, 820]) {
          await page.setViewportSize({ width, height: 800 })
          expect({ path, width, wide: await overflowing(page) }).toEqual({ path, width, wide: [] })
        }
      }
    })
  })
})

/** The elements that make a page scroll sideways. */
async function overflowing(page: Page): Promise<unknown> {
  return page.evaluate(`(() => {
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= width) return []
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .map((element) => element.outerHTML.slice(0, 120))
  })()`)
}

/** Whether that which has the focus shows it: by an outline of its own, or of a box around it. */
const FOCUS = `(() => {
  const chain = []
  for (let element = document.activeElement; element && chain.length < 4; element = element.parentElement) chain.push(element)
  const outlined = chain.some((element) => getComputedStyle(element).outlineStyle !== 'none')
  return { name: document.activeElement.outerHTML.slice(0, 120), outlined }
})()`
