import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** The folder of the package that a bundled file belongs to. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/
const LICENCE = /^(?:licen[cs]e|copying|notice|copyright)/i

/** The licences of all packages that are part of a bundle, by name, as their licences require. */
export async function notice(root: string, metafiles: readonly Metafile[]): Promise<string> {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs))
  const folders = new Set(inputs.flatMap((path) => PACKAGE.exec(path.replaceAll('\\', '/'))?.[0] ?? []))
  const parts = new Map<string, string>()
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'))
    parts.set(
      `${name} ${version}`,
      [`${name} ${version} (${license})`, ...(await licenceTexts(join(root, folder)))].join('\n\n'),
    )
  }
  const sorted = [...parts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, text]) => text)
  const first = 'The files in this folder contain code of the following packages, under these licences.'
  return `${[first, ...sorted].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

async function licenceTexts(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => LICENCE.test(name)).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.map((text) => text.replaceAll('\r\n', '\n').trim())
}
