import { existsSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { fullSuite } from './full-suite.ts'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = PLACES.find((path) => existsSync(path))

/** Chromium of the distribution. */
export const browsers = {
  /** Why it cannot be had here, or undefined where it can. */
  missing:
    fullSuite.missing ??
    (executablePath === undefined ? 'no Chromium in /usr/bin: apt-get install chromium' : undefined),
  async open(): Promise<Browser> {
    const { chromium } = await import('playwright-core')
    return chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      // Root has no sandbox, and small machines have little shared memory.
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
  },
}
