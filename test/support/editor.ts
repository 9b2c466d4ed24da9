import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import type { CompletionItem, Diagnostic, Hover, Position } from 'vscode-languageserver-protocol'
import {
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  DidChangeConfigurationNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node'

/** Settings as an editor keeps them, by their dotted names. */
export type Settings = Readonly<Record<string, unknown>>

/** A text with the sign | where the cursor stands. */
export interface Cursor {
  readonly file: string
  readonly text: string
}

/** An editor with a folder open, as its language server sees it. */
export interface Editor {
  readonly errorsIn: (file: string, text: string) => Promise<readonly Diagnostic[]>
  readonly completionsAt: (cursor: Cursor) => Promise<readonly CompletionItem[]>
  readonly hoverAt: (cursor: Cursor) => Promise<string>
  /** Ends the server and gives what it wrote to stderr: every address that it would have gone to is named there. */
  readonly close: () => Promise<string>
}

const require = createRequire(import.meta.url)
const server = require.resolve('yaml-language-server/bin/yaml-language-server')
const noNetwork = join(import.meta.dirname, 'no-network.cjs')

/** Starts the YAML language server that VS Code's YAML extension and other editors run. */
export async function openEditor(folder: string, settings: Settings): Promise<Editor> {
  const child = spawn(process.execPath, ['--require', noNetwork, server, '--stdio'], { cwd: folder })
  const stderr = textOf(child.stderr)
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  )
  const published = new Map<string, (diagnostics: readonly Diagnostic[]) => void>()
  connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
    published.get(uri)?.(diagnostics)
  })
  connection.onRequest(ConfigurationRequest.type, ({ items }) =>
    items.map(({ section = '' }) => sectionOf(settings, section)),
  )
  connection.onRequest(RegistrationRequest.type, () => undefined)
  connection.listen()

  const root = pathToFileURL(folder).href
  await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: 'registry' }],
    capabilities: {
      workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true }, workspaceFolders: true },
      textDocument: {
        completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } },
        hover: { contentFormat: ['markdown'] },
        publishDiagnostics: { relatedInformation: true },
      },
    },
  })
  await connection.sendNotification(InitializedNotification.type, {})
  await connection.sendNotification(DidChangeConfigurationNotification.type, { settings: {} })

  let opened = 0
  const open = async (file: string, text: string) => {
    opened += 1
    const uri = pathToFileURL(join(folder, file)).href
    const found = new Promise<readonly Diagnostic[]>((resolve) => published.set(uri, resolve))
    await connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'yaml', version: opened, text },
    })
    return { uri, found }
  }
  const openAt = async ({ file, text }: Cursor) => {
    const { uri } = await open(file, text.replace('|', ''))
    return { textDocument: { uri }, position: positionOf(text) }
  }

  return {
    errorsIn: async (file, text) => (await open(file, text)).found,
    completionsAt: async (cursor) => {
      const answer = await connection.sendRequest(CompletionRequest.type, await openAt(cursor))
      return Array.isArray(answer) ? answer : (answer?.items ?? [])
    },
    hoverAt: async (cursor) => hoverText(await connection.sendRequest(HoverRequest.type, await openAt(cursor))),
    close: async () => {
      await connection.sendRequest(ShutdownRequest.type)
      await connection.sendNotification(ExitNotification.type)
      if (child.exitCode === null) await once(child, 'exit')
      connection.dispose()
      return stderr
    },
  }
}

/** Everything below a dotted name, as the tree that the server asks for. */
function sectionOf(settings: Settings, section: string): unknown {
  if (Object.hasOwn(settings, section)) return settings[section]
  const tree: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(settings)) {
    if (!name.startsWith(`${section}.`)) continue
    const steps = name.slice(section.length + 1).split('.')
    let node = tree
    for (const step of steps.slice(0, -1)) {
      node[step] ??= {}
      node = node[step] as Record<string, unknown>
    }
    node[steps.at(-1) ?? ''] = value
  }
  return tree
}

function positionOf(text: string): Position {
  const before = text.slice(0, text.indexOf('|')).split('\n')
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
}

function hoverText(hover: Hover | null): string {
  const contents = hover?.contents ?? ''
  if (typeof contents === 'string') return contents
  return 'value' in contents
    ? contents.value
    : contents.map((part) => (typeof part === 'string' ? part : part.value)).join('\n')
}
