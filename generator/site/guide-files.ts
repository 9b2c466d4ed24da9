import { cpSync, existsSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Plugin } from 'vitepress'

/** Copies the guide beside the pages that are made of it: its Markdown, llms.txt, schemas and pictures. */
export function publishFiles(guide: string, site: string): void {
  cpSync(guide, site, { recursive: true })
}

const TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
}

/** Serves the same files while one works on the site, but for the Markdown, whose addresses are VitePress' own there. */
export function servedFiles(guide: string): Plugin {
  return {
    name: 'served-files',
    configureServer({ middlewares, config }) {
      middlewares.use((request, response, next) => {
        const { pathname } = new URL(request.url ?? '/', 'http://localhost')
        const type = TYPES[extname(pathname)]
        const path = join(guide, decodeURIComponent(pathname).replace(config.base, '/'))
        if (type === undefined || !path.startsWith(join(guide, '/')) || !isFile(path)) return next()
        response.setHeader('Content-Type', type)
        response.end(readFileSync(path))
      })
    },
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}
