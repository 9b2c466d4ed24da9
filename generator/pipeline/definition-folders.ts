// Which folders of definitions a run reads: those that the user named, and the bases of their registries.
import { checkRegistryFile, registryFileFinding } from '../check/registry-file.ts'
import type { RegistryFile } from '../compiled/registry-file.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { realPath } from '../files/list.ts'
import { baseFolder } from '../load/base-folder.ts'
import { fileOf, listDefinitions, listYaml, REGISTRY_FILE } from '../load/list-definitions.ts'
import { readDefinition } from '../load/load.ts'
import { parse } from '../load/parse.ts'
import type { SourceDocument } from '../load/source-document.ts'

/** A folder of definitions, and the registry to which they belong. */
export interface DefinitionFolder {
  /** As the user typed it, or as a registry file leads to it. */
  readonly path: string
  /** Name of the registry; missing if it has none. */
  readonly registry?: string
  /** Whether it was named as a base only: seeds do not write its connectors. */
  readonly isBase: boolean
}

/** One definition by its folder and its file name. */
export interface DefinitionFile {
  readonly folder: DefinitionFolder
  readonly name: string
}

export interface Folders {
  /** Bases first: a rule across definitions is reported in the one that comes later. */
  readonly folders: readonly DefinitionFolder[]
  /** The findings in registry files. */
  readonly diagnostics: readonly Diagnostic[]
  /** The content of registry files with findings, by file. */
  readonly texts: ReadonlyMap<string, string>
}

/** The named folders and the bases of their registries. A folder without a registry file belongs to the first one's. */
export function definitionFolders(named: readonly string[]): Folders {
  const reader = new FolderReader()
  const own = named.filter((path) => reader.isNew(path)).map((path) => ({ path, file: reader.read(path) }))
  const first = own[0]?.file?.content.name
  for (const { file } of own) if (file !== undefined) reader.names.add(file.content.name)
  const bases = own.flatMap(({ path, file }) => (file === undefined ? [] : reader.basesOf(path, file)))
  const folders = own.map(({ path, file }): DefinitionFolder => {
    const registry = file?.content.name ?? first
    return { path, isBase: false, ...(registry === undefined ? {} : { registry }) }
  })
  return { folders: [...bases, ...folders], diagnostics: reader.diagnostics, texts: reader.texts }
}

interface ReadFile {
  readonly document: SourceDocument
  readonly content: RegistryFile
}

class FolderReader {
  readonly diagnostics: Diagnostic[] = []
  readonly texts = new Map<string, string>()
  /** Of all registries so far. */
  readonly names = new Set<string>()
  /** Folders that are read already, so that bases in a circle end. */
  readonly #seen = new Set<string>()

  /** Whether a folder was not read yet, by whatever path. */
  isNew(path: string): boolean {
    const isNew = !this.#seen.has(realPath(path))
    this.#seen.add(realPath(path))
    return isNew
  }

  /** The registry file of a folder; undefined if there is none, or none without findings. */
  read(folder: string): ReadFile | undefined {
    if (!readNames(folder).includes(REGISTRY_FILE)) return undefined
    const file = fileOf(folder, REGISTRY_FILE)
    const text = readDefinition(folder, REGISTRY_FILE)
    if (typeof text !== 'string') return this.#report(file, '', [text])
    const { document, diagnostics } = parse({ file, stem: 'registry', text })
    if (document === undefined || diagnostics.length > 0) return this.#report(file, text, diagnostics)
    const content = checkRegistryFile(document)
    return 'name' in content ? { document, content } : this.#report(file, text, content)
  }

  /** The bases of a folder, and theirs, in the order in which they are needed. */
  basesOf(folder: string, { document, content }: ReadFile): readonly DefinitionFolder[] {
    const found: DefinitionFolder[] = []
    for (const [at, base] of (content.bases ?? []).entries()) {
      const path = baseFolder(folder, base)
      const report = (code: Parameters<typeof registryFileFinding>[1], message: string, help?: string) =>
        this.#report(document.file, document.text, [
          registryFileFinding(document, code, { at, message, ...(help === undefined ? {} : { help }) }),
        ])
      if (path === undefined || listDefinitions(path).length === 0) {
        if (base.startsWith('.')) report('registry/base-missing', `there are no definitions in "${base}"`)
        else
          report(
            'registry/base-missing',
            `the package "${base}" is not installed, or has no definitions`,
            `install it, such as by npm install --save-dev ${base}`,
          )
        continue
      }
      if (!this.isNew(path)) continue
      const before = this.diagnostics.length
      const file = this.read(path)
      if (file !== undefined) {
        const { name } = file.content
        if (this.names.has(name)) report('registry/name-repeated', `another registry is called "${name}", too`)
        this.names.add(name)
        found.push(...this.basesOf(path, file), { path, registry: name, isBase: true })
      } else if (this.diagnostics.length === before) {
        report('registry/base-unnamed', `the base "${base}" has no ${REGISTRY_FILE}`)
      }
    }
    return found
  }

  #report(file: string, text: string, diagnostics: readonly Diagnostic[]): undefined {
    // Fixes are for definitions.
    this.diagnostics.push(...diagnostics.map(({ fix: _, ...diagnostic }) => diagnostic))
    this.texts.set(file, text)
  }
}

/** Every definition of the folders. A named folder has at least one, unless the first one is about to be written. */
export function definitionFiles(
  folders: readonly DefinitionFolder[],
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean | undefined } = {},
): readonly DefinitionFile[] {
  return folders.flatMap((folder) => {
    const names = readNames(folder.path).filter((name) => name !== REGISTRY_FILE)
    if (names.length === 0 && !folder.isBase && !mayBeEmpty)
      throw new OperationalError(`there is no definition in "${folder.path}"`, {
        help: 'a connector is one file <code>.yaml; name another folder with --definitions',
      })
    return names.map((name) => ({ folder, name }))
  })
}

function readNames(folder: string): readonly string[] {
  try {
    return listYaml(folder)
  } catch (error) {
    throw explainFolder(folder, error)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'is not a folder',
  EACCES: 'may not be read',
}

/** The reason why a folder of definitions cannot be read, with a remedy. */
function explainFolder(folder: string, cause: unknown): unknown {
  const { code, path } = cause as NodeJS.ErrnoException
  const reason = REASONS[code ?? '']
  // Problems with something inside the folder are explained elsewhere.
  if (reason === undefined || (path !== undefined && path !== folder)) return cause
  return new OperationalError(`the definitions folder "${folder}" ${reason}`, {
    help: 'run the command where the definitions folder is, or name it with --definitions',
    cause,
  })
}
