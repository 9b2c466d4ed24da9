// One definition: text → document → checked definition → connector → outputs. Nothing here depends on other definitions.
import { basename, resolve } from 'node:path'
import { checkDefinition } from '../check/check.ts'
import type { DefinitionIndex } from '../check/definition-index.ts'
import { reviewed } from '../check/review.ts'
import { scanForSensitiveData } from '../check/sensitive-data/scan.ts'
import { verifySamples } from '../check/verify-samples.ts'
import type { Definition } from '../compiled/definition.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { hashOf, hashOfAll } from '../files/hash.ts'
import { fileOf } from '../load/list-definitions.ts'
import { loadDefinition, readDefinition } from '../load/load.ts'
import type { SourceDocument } from '../load/source-document.ts'
import type { Connector } from '../model/connector.ts'
import { model } from '../model/model.ts'
import type { Target } from '../targets/target.ts'
import { targets } from '../targets/targets.ts'
import type { Artifact, Section, TargetOutput } from './artifact.ts'
import { buildId } from './build-id.ts'
import type { ArtifactCache } from './cache.ts'
import type { DefinitionFile, DefinitionFolder } from './definition-folders.ts'

/** The same for every definition of a run. */
export interface CompileJob {
  /** Names of the targets to compile for. */
  readonly targets: readonly string[]
  readonly cacheFolder: string
}

/** What came of one definition. */
export type CompileResult =
  | { readonly kind: 'artifact'; readonly file: DefinitionFile; readonly artifact: Artifact }
  | {
      readonly kind: 'findings'
      readonly file: DefinitionFile
      readonly diagnostics: readonly Diagnostic[]
      /** Missing if the file is not text. */
      readonly text: string | undefined
      /** Missing if the definition cannot be read as a mapping. */
      readonly index: DefinitionIndex | undefined
    }

/** Reads and compiles one definition, and stores its artifact. */
export async function compileDefinition(
  file: DefinitionFile,
  job: CompileJob,
  cache: ArtifactCache,
): Promise<CompileResult> {
  const text = readListed(file)
  if (typeof text !== 'string')
    return { kind: 'findings', file, diagnostics: [text], text: undefined, index: undefined }
  const wanted = targets.filter((target) => job.targets.includes(target.name))
  const compiled = await compile({ ...file, text }, wanted)
  if (compiled.kind === 'findings') return { ...compiled, file, text }
  const key = keyOf(file, text)
  return { kind: 'artifact', file, artifact: cache.write({ ...compiled.artifact, key }, compiled.texts) }
}

/** Identifies what an artifact is made from: this command, the names that occur in the output, and the text. */
export function keyOf({ folder, name }: DefinitionFile, text: string): string {
  const { path, registry = '', isBase } = folder
  return hashOfAll([buildId ?? '', folderName(path), registry, String(isBase), name, text])
}

/** The text of a definition that was listed when the run began, or the reason why there is none. */
export function readListed({ folder, name }: DefinitionFile): string | Diagnostic {
  try {
    return readDefinition(folder.path, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new OperationalError(`${fileOf(folder.path, name)} was changed during the run`, {
      help: 'run again; nothing was written',
    })
  }
}

/** One definition and its text. */
interface Source extends DefinitionFile {
  readonly text: string
}

type Compiled =
  | {
      readonly kind: 'artifact'
      readonly artifact: Omit<Artifact, 'key' | 'bodyAt'>
      readonly texts: readonly string[]
    }
  | {
      readonly kind: 'findings'
      readonly diagnostics: readonly Diagnostic[]
      readonly index: DefinitionIndex | undefined
    }

/** The findings in the text of a definition, as if it were a file of the folder. Rules across definitions are left out. */
export async function findingsInText(source: Source): Promise<readonly Diagnostic[]> {
  const compiled = await compile(source, [])
  return compiled.kind === 'findings' ? compiled.diagnostics : []
}

/** Loads, checks, models and compiles one definition. */
async function compile(source: Source, targets: readonly Target[]): Promise<Compiled> {
  const { folder, name, text } = source
  const file = fileOf(folder.path, name)
  const { document: loaded, diagnostics } = await loadDefinition(folder.path, name, text)
  const [document] = await verifySamples(await scanForSensitiveData(loaded === undefined ? [] : [loaded]))
  if (document === undefined)
    return { kind: 'findings', diagnostics: reviewed({ file, text }, diagnostics), index: undefined }
  const { diagnostics: found, index } = checkDefinition(document)
  if (index === undefined || found.length > 0)
    return { kind: 'findings', diagnostics: reviewed({ file, text }, found), index }
  return { kind: 'artifact', ...(await artifactOf(source, document, { index, targets })) }
}

async function artifactOf(
  { folder, name }: Source,
  document: SourceDocument,
  { index, targets }: { readonly index: DefinitionIndex; readonly targets: readonly Target[] },
): Promise<Omit<Extract<Compiled, { kind: 'artifact' }>, 'kind'>> {
  const connector = connectorOf(folder, document)
  const texts = new Texts()
  const outputs: Record<string, TargetOutput> = {}
  const section = texts.add(JSON.stringify(connector))
  for (const target of targets) {
    const { summary, files, fragments = {} } = await target.compile(connector)
    outputs[target.name] = {
      summary,
      fragments: Object.fromEntries(Object.entries(fragments).map(([key, text]) => [key, texts.add(text)])),
      files: Object.fromEntries(files.map(({ path, text }) => [path, texts.add(text)])),
    }
  }
  const samples = [...(document.samples ?? [])].map(([key, text]) => ({ name: key, hash: hashOf(text) }))
  const { code, events } = connector
  return {
    artifact: { code, events: events.length, index: { ...index, file: name }, samples, connector: section, outputs },
    texts: texts.all,
  }
}

/** Output names a definition by the name of its folder, so that it is the same wherever the folder is. */
function connectorOf(
  { path, registry, isBase }: DefinitionFolder,
  { stem, value, samples }: SourceDocument,
): Connector {
  const [connector] = model([
    {
      file: `${folderName(path)}/${stem}.yaml`,
      definition: value as Definition,
      ...(registry === undefined ? {} : { registry }),
      isBase,
      ...(samples === undefined ? {} : { samples }),
    },
  ]).connectors
  if (connector === undefined) throw new Error('a definition makes one connector')
  return connector
}

function folderName(folder: string): string {
  return basename(resolve(folder))
}

/** The texts of an artifact in the order in which they are stored. */
class Texts {
  readonly all: string[] = []
  #end = 0

  add(text: string): Section {
    const size = Buffer.byteLength(text)
    const section = { offset: this.#end, size, hash: hashOf(text) }
    this.all.push(text)
    this.#end += size
    return section
  }
}
