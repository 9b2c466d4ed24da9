import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { barriers } from '../support/axe.ts'
import { browsers } from '../support/browsers.ts'
import { committedCodes } from '../support/load.ts'
import type { Sandbox } from '../support/sandbox.ts'
import { LOCAL, OTHER, startSandbox } from '../support/sandbox.ts'
import { mayRun } from '../support/servers.ts'

const title = browsers.missing === undefined ? 'the hub in Chromium' : `the hub (skipped: ${browsers.missing})`

describe.runIf(mayRun(browsers))(title, () => {
  let sandbox: Sandbox
  let browser: Browser
  let page: Page
  let troubles: string[]

  beforeAll(async () => {
    sandbox = await startSandbox()
    browser = await browsers.open()
  })
  afterAll(async () => {
    await browser?.close()
    await sandbox?.stop()
  })
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage()
    troubles = []
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('status of 4')) troubles.push(message.text())
    })
    page.on('pageerror', (error) => troubles.push(error.message))
    await page.goto(`${sandbox.url}/?token=${sandbox.token}`)
    return async () => {
      expect(troubles).toEqual([])
      await page.context().close()
    }
  })

  async function uninstall(code: string): Promise<void> {
    await sandbox.post('connectors', { operation: 'UNINSTALL', connector_code: code })
  }

  test('opens by the link, and by the token alone; and closes', async () => {
    expect(page.url()).toBe(`${sandbox.url}/`)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Connectors')
    expect(await page.getByRole('listitem').count()).toBe(committedCodes.length)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token').fill('nope')
    await page.getByRole('button', { name: 'Sign in' }).click()
    expect(await page.getByRole('alert').textContent()).toContain('not the token')
    expect(await barriers(page)).toEqual([])
    await page.getByLabel('Token').fill(sandbox.token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Connectors')
  })

  test('a connector is installed, paused, resumed, configured and taken away by keyboard alone', async () => {
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content')
    await page.getByRole('link', { name: 'HubSpot CRM API' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/hub/connectors/hubspot-crm')
    // The form is that of the definition's fields.
    const labels = await page.locator('form.fields label').allTextContents()
    expect(labels[0]).toContain('(required)')
    await page.locator('#field-client_id').focus()
    await page.keyboard.type('my-client')
    await page.keyboard.press('Tab')
    await page.keyboard.type('my-secret')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    const installed = await page.content()
    expect(installed).toContain('/webhooks/hubspot-crm/')
    expect(installed).not.toContain('my-secret')
    expect(await barriers(page)).toEqual([])
    await page.getByRole('button', { name: 'Pause' }).press('Enter')
    await page.getByRole('button', { name: 'Resume' }).press('Space')
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.getByText('Configure').press('Enter')
    await page.locator('#field-portal_id').fill('987654321')
    await page.getByRole('button', { name: 'Save' }).press('Enter')
    await page.getByText('CONFIGURE', { exact: false }).first().waitFor()
    const { body } = await sandbox.post('connectors', { operation: 'LIST' })
    expect(body.data.connectors[0].installation_config).toEqual({
      client_id: 'my-client',
      client_secret: '********',
      portal_id: '987654321',
    })
    await page.getByRole('button', { name: 'Uninstall' }).press('Enter')
    await page.getByRole('button', { name: 'Install', exact: true }).waitFor()
  })

  test('a form that is refused says why, and keeps what was typed', async () => {
    await page.goto(`${sandbox.url}/hub/connectors/whatsapp-business-cloud`)
    await page.locator('#field-access_token').fill('<b>token</b>')
    await page.locator('#field-phone_number_id').fill('no number "&<')
    await page.locator('#field-business_account_id').fill('123')
    await page.locator('#field-webhook_verify_token').fill('x')
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    expect(await page.getByRole('alert').textContent()).toContain('phone_number_id must match')
    expect(await page.locator('#field-phone_number_id').inputValue()).toBe('no number "&<')
    expect(await page.locator('#field-access_token').inputValue()).toBe('')
    expect(await barriers(page)).toEqual([])
  })

  test('a sample delivery is sent, inspected and seen live in the log', async () => {
    await sandbox.post('connectors', {
      operation: 'INSTALL',
      connector_code: 'hubspot-crm',
      installation_config: { client_id: 'a', client_secret: 'top-secret' },
    })
    const log = await page.context().newPage()
    await log.goto(`${sandbox.url}/hub/log`)
    await log.getByText('Live', { exact: true }).waitFor()
    await page.goto(`${sandbox.url}/hub/connectors/hubspot-crm`)
    await page.getByLabel('Sample').selectOption({ index: 0 })
    await page.getByRole('button', { name: 'Send' }).click()
    await page.waitForURL('**/hub/deliveries')
    expect(await page.locator('tbody tr').first().textContent()).toContain('200 {"received":1')
    await log.getByRole('link', { name: 'contact_created' }).first().waitFor()
    expect(await log.getByRole('status').textContent()).toContain('contact_created')
    await page.locator('tbody a').first().click()
    expect(await page.getByLabel('Body').textContent()).toContain('contact.creation')
    expect(await page.getByLabel('Headers').textContent()).toContain('x-hubspot-signature-v3')
    expect(await page.content()).not.toContain('top-secret')
    expect(await barriers(page)).toEqual([])
    await log.getByRole('link', { name: 'contact_created' }).first().click()
    expect(await log.getByLabel('Data of the event').textContent()).toContain('hubspot_contact_id')
    await uninstall('hubspot-crm')
  })

  test('the log is filtered and read back page by page', async () => {
    await sandbox.post('connectors', {
      operation: 'INSTALL',
      connector_code: 'zapier-webhook',
      installation_config: { webhook_url: 'https://hooks.zapier.com/a' },
    })
    const event = { event_source: 'zapier-webhook', connector_code: 'zapier-webhook', event_data: {} }
    for (let number = 0; number < 60; number += 1)
      await sandbox.post('events', { ...event, event_type: number % 2 === 0 ? 'workflow_triggered' : '<i>nope</i>' })
    await page.goto(`${sandbox.url}/hub/log`)
    await page.getByLabel('Status').selectOption('error')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.waitForURL('**/hub/log?**')
    expect(await page.locator('tbody tr').count()).toBe(30)
    expect(await page.locator('tbody tr').first().textContent()).toContain('<i>nope</i>')
    expect(await barriers(page)).toEqual([])
    await page.getByLabel('Status').selectOption('')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByRole('link', { name: 'Older' }).click()
    await page.waitForURL('**before=**')
    expect(await page.locator('tbody tr').count()).toBeGreaterThan(9)
    await uninstall('zapier-webhook')
  })

  test('shows one organization at a time', async () => {
    await sandbox.post(
      'connectors',
      {
        operation: 'INSTALL',
        connector_code: 'linkedin-api',
        installation_config: { client_id: 'a', client_secret: 'b' },
      },
      { 'X-Organization-Id': OTHER },
    )
    expect(await page.getByText('0 of them installed').count()).toBe(1)
    await page.getByLabel('Organization').selectOption(OTHER)
    await page.getByRole('button', { name: 'Switch' }).click()
    await page.getByText('1 of them installed').waitFor()
    await page.getByLabel('Organization').selectOption(LOCAL)
    await page.getByRole('button', { name: 'Switch' }).click()
    await page.getByText('0 of them installed').waitFor()
  })

  test('the description of the endpoints is a page', async () => {
    await page.goto(`${sandbox.url}/hub/api`)
    await page.getByText('/api/v2/integrations/events').first().waitFor()
    expect(await page.getByText('/webhooks/{connector}/{installation}/{key}').count()).toBeGreaterThan(0)
  })

  test('reported no error', () => {
    expect(sandbox.errors).toEqual([])
  })
})
