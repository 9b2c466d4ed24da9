import { readdirSync, readFileSync } from 'node:fs'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { LineCounter, Parser } from 'yaml'
import { eagerYaml } from '../generator/build/eager-yaml.ts'
import { fc } from './support/property.ts'

const { outputFiles } = await build({
  stdin: { contents: "export { Parser } from 'yaml'", resolveDir: '.' },
  ...{ bundle: true, write: false, format: 'esm', plugins: [eagerYaml], logLevel: 'warning' },
})
const bundled = `data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`
const { Parser: EagerParser } = (await import(bundled)) as { readonly Parser: typeof Parser }

/** The syntax tree of a text, and where its lines begin. */
function read(parser: typeof Parser, text: string) {
  const lines = new LineCounter()
  return { tokens: [...new parser(lines.addNewLine).parse(text)], lines: lines.lineStarts }
}

const definitions = readdirSync('definitions')
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(`definitions/${name}`, 'utf8'))

test('the parser of the bundle hands out no tokens one by one', () => {
  expect(new EagerParser().parse('a: b')).toBeInstanceOf(Array)
})

test('the parser of the bundle reads definitions as the library does', () => {
  for (const text of definitions) expect(read(EagerParser, text)).toEqual(read(Parser, text))
})

test('the parser of the bundle reads anything as the library does', () => {
  const line = fc.constantFrom(...definitions.flatMap((text) => text.split('\n')))
  const sign = fc.constantFrom(
    ...' \n\t:-#[]{},"\'|>&*!%@`?~\r\ufeff',
    '---\n',
    '...\n',
    '%YAML 1.2\n',
    '? ',
    ': ',
    '\n  ',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(line, sign, fc.string()), { maxLength: 20 }), fc.boolean(), (pieces, isLines) => {
      const text = pieces.join(isLines ? '\n' : '')
      expect(read(EagerParser, text), text).toEqual(read(Parser, text))
    }),
    { numRuns: 2000 },
  )
})
