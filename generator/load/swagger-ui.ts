import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The files of Swagger UI that a page loads. */
export const SWAGGER_UI_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js']

/** A file of Swagger UI; undefined if its package, an optional peer dependency, is not installed. */
export async function readSwaggerUi(file: string): Promise<string | undefined> {
  if (!SWAGGER_UI_FILES.includes(file)) return undefined
  try {
    const manifest = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')
    return await readFile(join(dirname(manifest), file), 'utf8')
  } catch {
    return undefined
  }
}
