import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import standaloneCode from 'ajv/dist/standalone/index.js'
import addFormats from 'ajv-formats'
import { build } from 'esbuild'

/** Compiles a schema to a validator ahead of time: compiling it costs 35 ms and more in every process. */
export async function schemaValidator(schemaPath: string): Promise<string> {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    allowUnionTypes: true,
    code: { source: true, esm: true, lines: true },
  })
  addFormats.default(ajv)
  // For editors and for messages; none of them refuses a value.
  ajv.addVocabulary(['enumDescriptions', 'defaultSnippets', 'x-form'])
  const validate = ajv.compile(JSON.parse(await readFile(schemaPath, 'utf8')))
  return selfContained(standaloneCode.default(ajv, validate))
}

/** ajv's code asks for parts of ajv with require(), which an ES module does not have. */
async function selfContained(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname },
    bundle: true,
    // Nobody debugs it, and without this it would be a fifth of the package.
    minify: true,
    format: 'esm',
    platform: 'node',
    write: false,
  })
  return outputFiles.map(({ text }) => text).join('')
}

export const validatorType = `import type { ErrorObject } from 'ajv'
declare const validate: { (value: unknown): boolean; errors?: ErrorObject[] | null }
export default validate
`
