import type { RegistryFile } from '../compiled/registry-file.ts'
import validate from '../compiled/validate-registry-file.js'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Explanation } from '../diagnostics/explanation.ts'
import { snippet } from '../diagnostics/explanation.ts'
import { isObject } from '../kit/mapping.ts'
import { locateKey, locateValue, type SourceDocument } from '../load/source-document.ts'
import { findingsOf } from './schema-findings.ts'

/** Rules for the file that configures a registry. */
export const registryFileRules = {
  'registry/reserved-name': {
    summary: 'The file registry.yaml configures the registry.',
    help: 'choose another code for the connector, and rename the file',
    why: 'Every folder of definitions has one such file, so no connector has the code registry.',
    bad: 'code: registry',
    good: 'name: acme',
  },
  'registry/base-missing': {
    summary: 'Every base registry is installed, or in a folder that exists.',
    help: 'install the package, or correct the path, which is relative to registry.yaml',
    why: 'Without the base, codes and namespaces could be taken twice, and its connectors would be missing in the output.',
    bad: 'bases: [./does-not-exist]',
    good: 'bases: [../public/definitions]',
  },
  'registry/base-unnamed': {
    summary: 'Every base registry has a name.',
    help: 'add a registry.yaml with a name to the folder of the base',
    why: 'The name keeps the rows of registries apart: without it, a seed could archive what the base has registered.',
    bad: 'bases: [../unnamed]',
    good: 'bases: [../public/definitions]',
  },
  'registry/name-repeated': {
    summary: 'A registry and its bases have different names.',
    help: 'rename one of the registries; a name that is in a database does not change',
    why: 'Seeds tell the rows of registries apart by their names.',
    bad: snippet`
      name: hera
      bases: ["@hera-integrations/connectors"]
    `,
    good: snippet`
      name: acme
      bases: ["@hera-integrations/connectors"]
    `,
  },
} satisfies Readonly<Record<string, Explanation & { readonly summary: string; readonly help: string }>>

/** The content of a registry file, or what is wrong with it. */
export function checkRegistryFile(document: SourceDocument): RegistryFile | readonly Diagnostic[] {
  const { value } = document
  if (isObject(value) && Object.hasOwn(value, 'code'))
    return [registryFileFinding(document, 'registry/reserved-name', { at: 'code', message: 'this is a connector' })]
  if (validate(value)) return value as RegistryFile
  return findingsOf(document, validate.errors ?? []).map(({ diagnostic }) => diagnostic)
}

interface Place {
  /** A field, or the position in the list of bases. */
  readonly at: string | number
  readonly message: string
  readonly help?: string
}

export function registryFileFinding(
  document: SourceDocument,
  code: keyof typeof registryFileRules,
  { at, message, help = registryFileRules[code].help }: Place,
): Diagnostic {
  const span = typeof at === 'number' ? locateValue(document, ['bases', at]) : locateKey(document, [at])
  return { code, file: document.file, span, message, help }
}
