import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { check } from '../../generator/check/check.ts'
import { reviewed } from '../../generator/check/review.ts'
import { scanForSensitiveData } from '../../generator/check/sensitive-data/scan.ts'
import { verifySamples } from '../../generator/check/verify-samples.ts'
import type { Diagnostic } from '../../generator/diagnostics/diagnostic.ts'
import { compareDiagnostics } from '../../generator/diagnostics/diagnostic.ts'
import { parse } from '../../generator/load/parse.ts'
import type { Connector, Registry } from '../../generator/model/connector.ts'
import { model } from '../../generator/model/model.ts'

/** A complete, made-up connector that breaks no rule. */
export const acme = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'acme-crm.yaml'), 'utf8')

/** Replaces text that must be there, so that an edit which no longer applies fails its test. */
export function edit(text: string, ...edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((current, [from, to]) => {
    if (!current.includes(from)) throw new Error(`the fixture does not hold: ${from}`)
    return current.replace(from, () => to)
  }, text)
}

/** A second connector that clashes with acme in nothing. */
export const zenith = edit(acme, ['code: acme-crm', 'code: zenith-crm'], ['namespace: ACME', 'namespace: ZENITH'])

/** Everything that load and check find in files given by name. */
export function findingsIn(files: Readonly<Record<string, string>>): readonly Diagnostic[] {
  const { documents, diagnostics } = parsedIn(files)
  return reported(files, [...diagnostics, ...check(documents).diagnostics])
}

/** As the commands report them. */
function reported(files: Readonly<Record<string, string>>, found: readonly Diagnostic[]): readonly Diagnostic[] {
  return Object.entries(files)
    .flatMap(([file, text]) =>
      reviewed(
        { file, text },
        found.filter((finding) => finding.file === file),
      ),
    )
    .sort(compareDiagnostics)
}

/** The same, after the scan for secrets and personal data, and the verification of samples. */
export async function inspectedFindingsIn(files: Readonly<Record<string, string>>): Promise<readonly Diagnostic[]> {
  const { documents, diagnostics } = parsedIn(files)
  return reported(files, [
    ...diagnostics,
    ...check(await verifySamples(await scanForSensitiveData(documents))).diagnostics,
  ])
}

function parsedIn(files: Readonly<Record<string, string>>) {
  const parsed = Object.entries(files).map(([name, text]) =>
    parse({ file: name, stem: name.replace(/\.yaml$/, ''), text }),
  )
  const documents = parsed.flatMap(({ document, diagnostics }) =>
    document === undefined || diagnostics.length > 0 ? [] : [document],
  )
  return { documents, diagnostics: parsed.flatMap(({ diagnostics }) => diagnostics) }
}

/** The registry of files that have no findings. */
export function registryOf(files: Readonly<Record<string, string>>): Registry {
  const findings = findingsIn(files)
  if (findings.length > 0) throw new Error(findings.map(({ code, message }) => `${code}: ${message}`).join('\n'))
  const documents = Object.entries(files).flatMap(([name, text]) => {
    const { document } = parse({ file: name, stem: name.replace(/\.yaml$/, ''), text })
    return document === undefined ? [] : [document]
  })
  return model(
    check(documents).definitions.map(({ document, definition }) => ({
      file: `definitions/${document.stem}.yaml`,
      definition,
    })),
  )
}

/** The one connector of a text. */
export function connectorOf(text: string): Connector {
  const [code = ''] = /(?<=^code: )\S+/m.exec(text) ?? []
  const [connector] = registryOf({ [`${code}.yaml`]: text }).connectors
  if (connector === undefined) throw new Error('no connector')
  return connector
}
