import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Registry } from '../../../generator/model/connector.ts'
import { readRegistry } from '../../../generator/pipeline/pipeline.ts'
import { literal, valueLiteral } from '../../../generator/targets/typescript/code.ts'
import { typescriptTarget } from '../../../generator/targets/typescript/typescript-target.ts'
import { registryOf } from '../../support/acme.ts'
import { emit } from '../../support/emit.ts'
import { fullSuite } from '../../support/full-suite.ts'
import { mayRun } from '../../support/servers.ts'
import { hostileConnector } from '../../types/adversarial-connector.ts'
import { fixtureRegistry } from '../../types/fixture-registry.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const run = promisify(execFile)
const fixture = (name: string) => join(root, 'test', 'fixtures', name)

const compilers = {
  'TypeScript 5': join(root, 'node_modules', 'typescript-5', 'lib', 'tsc.js'),
  'TypeScript 7': join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
}

/** Every flag that refuses something; libraries are checked too, and nothing but ECMAScript is known. */
const compilerOptions = {
  target: 'es2022',
  lib: ['es2022'],
  types: [],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitReturns: true,
  noImplicitOverride: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noUncheckedSideEffectImports: true,
  allowUnreachableCode: false,
  allowUnusedLabels: false,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  isolatedDeclarations: true,
  erasableSyntaxOnly: true,
  declaration: true,
  skipLibCheck: false,
  noEmit: true,
}

const resolutions = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'preserve', moduleResolution: 'bundler' },
]

const installed = (Object.keys(compilers) as (keyof typeof compilers)[]).filter(
  (name) => name === 'TypeScript 7' || mayRun(fullSuite),
)
const ways = installed.flatMap((name) => resolutions.map(({ moduleResolution }) => [name, moduleResolution] as const))

let folder: string
let real: Registry

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'hera-connectors-types-')))
  real = (await readRegistry([join(root, 'definitions')])).registry
  await write('package.json', JSON.stringify({ type: 'module' }))
  // What a stranger's project installs for the kit: see the README.
  for (const name of ['lossless-json']) {
    await mkdir(join(folder, 'node_modules'), { recursive: true })
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'dir')
  }
  for (const options of resolutions) {
    const plain = { ...compilerOptions, ...options }
    const exclude = [
      'wrong',
      ...['apis', 'installations', 'kit', 'polls', 'schemas', 'subscriptions', 'webhooks'].map((name) => `**/${name}`),
    ]
    const files = { include: ['**/*.ts'], exclude }
    await write(`tsconfig.${options.moduleResolution}.json`, JSON.stringify({ compilerOptions: plain, ...files }))
    // The kit needs a runtime with Request, Response and WebCrypto, and nothing of one runtime alone.
    const web = { ...plain, lib: ['es2022', 'dom', 'dom.iterable'] }
    const everything = { compilerOptions: web, include: ['**/*.ts'], exclude: ['wrong'] }
    await write(`tsconfig.${options.moduleResolution}.web.json`, JSON.stringify(everything))
  }
  await writeFiles('golden', fixtureRegistry)
  await cp(join(root, 'test', 'types', 'consumer.ts'), join(folder, 'types', 'consumer.ts'))
  await writeFiles('real', real)
  await writeFiles('hostile', { connectors: [hostileConnector] })
  await writeFiles('empty', { connectors: [] })
  const models = ['tide-tables.yaml', 'shipment-desk.yaml'].map((name) => [name, readFileSync(fixture(name), 'utf8')])
  await writeFiles('models', registryOf(Object.fromEntries(models)))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

/** Writes the output for a registry, and a module in which every example must have the type of its event. */
async function writeFiles(name: string, registry: Registry): Promise<void> {
  for (const { path, text } of await emit(typescriptTarget, registry)) await write(`${name}/${path}`, text)
  await write(`${name}/examples.ts`, examples(registry))
}

function examples({ connectors }: Registry): string {
  const assignments = connectors.flatMap(({ code, events }) =>
    events.flatMap((event) =>
      event.examples.map(
        ({ data }) => `void (${valueLiteral(data)} satisfies EventData<${literal(code)}, ${literal(event.name)}>)`,
      ),
    ),
  )
  if (assignments.length === 0) return 'export {}\n'
  return ["import type { EventData } from './typescript/index.js'", ...assignments, ''].join('\n')
}

/** What a compiler says of a project; nothing when it is content. */
async function complaints(compiler: keyof typeof compilers, config: string): Promise<string> {
  const compiling = run(process.execPath, [compilers[compiler], '-p', join(folder, config)])
  const { stdout } = await compiling.catch((failure: { readonly stdout: string }) => failure)
  return stdout
}

test('the real definitions are seen', () => {
  expect(real.connectors.length).toBeGreaterThan(0)
})

describe("the output, every example, and a stranger's project compile", () => {
  test.each(ways)(
    'with %s and resolution %s',
    async (compiler, resolution) => {
      expect(await complaints(compiler, `tsconfig.${resolution}.json`)).toBe('')
      expect(await complaints(compiler, `tsconfig.${resolution}.web.json`)).toBe('')
    },
    240_000,
  )
})

describe('wrong data is refused', () => {
  test.each(installed)('by %s', async (compiler) => {
    const wrong = "void ({ contact_id: 1 } satisfies EventData<'acme-crm', 'contact_created'>)"
    await write('wrong/examples.ts', `import type { EventData } from '../golden/typescript/index.js'\n${wrong}\n`)
    const config = { compilerOptions: { ...compilerOptions, ...resolutions[0] }, include: ['*.ts'] }
    await write('wrong/tsconfig.json', JSON.stringify(config))
    expect(await complaints(compiler, 'wrong/tsconfig.json')).toMatch(
      /^[^\n]*examples\.ts\(2,\d+\): error TS2322: [^\n]*'number'[^\n]*'string'\.\n$/,
    )
  })
})

test('importing one connector does not pull the others', async () => {
  const bundled = async (code: string) => {
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: join(folder, 'golden'), loader: 'ts' },
      bundle: true,
      format: 'esm',
      write: false,
    })
    return outputFiles.map(({ text }) => text).join('')
  }
  const one = await bundled("import { acmeCrm } from './typescript/index.js'\nglobalThis.code = acmeCrm.smartCodes")
  expect(one).toContain('HERA.ACME.EVENT.CONTACT.CREATED.v1')
  expect(one).not.toContain('ZENITH')
  const constant = await bundled(
    "import { version } from './typescript/connectors/acme-crm.js'\nglobalThis.version = version",
  )
  expect(constant).toContain('1.2.3')
  expect(constant).not.toContain('HERA.ACME')
  expect(
    await bundled("import type { HeraEvent } from './typescript/index.js'\nexport type Own = HeraEvent"),
  ).not.toMatch(/acme|zenith|paths/i)
})

test('the kit is bundled for the browser with what one connector needs, and verifies', async () => {
  const contents = `
    import { verify } from './typescript/kit/verify.js'
    import { webhook } from './typescript/webhooks/meta-graph-api.js'
    export const result = await verify(
      webhook,
      new Request('https://hooks.example.com/', {
        method: 'POST',
        body: 'test',
        headers: { 'x-hub-signature-256': 'sha256=0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914' },
      }),
      { app_secret: 'secret' },
    )`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(folder, 'real'), loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  })
  const bundle = outputFiles.map(({ text }) => text).join('')
  expect(bundle).not.toMatch(/hubspot|linkedin|zapier|node:/i)
  const module: { readonly result: object } = await import(
    /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(bundle).toString('base64')}`
  )
  expect(module.result).toMatchObject({ verified: true, scheme: 'X-Hub-Signature-256' })
})

test('the whole endpoint, the client and OAuth are bundled without anything of one runtime', async () => {
  const contents = `
    import { handleWebhook } from './typescript/kit/receive.js'
    import { createHera } from './typescript/kit/hera.js'
    import { authorize } from './typescript/kit/oauth.js'
    import { oauth } from './typescript/installations/linkedin-api.js'
    import { webhook } from './typescript/webhooks/linkedin-api.js'
    const asked = []
    const answer = async (request) => {
      asked.push(await request.clone().json())
      return Response.json({ rid: 'r', data: {} })
    }
    const hera = createHera({ baseUrl: 'https://hera.example.com', token: 't', organizationId: 'o', fetch: answer })
    const handle = handleWebhook(webhook, { secrets: { client_secret: 'k' }, hera })
    const challenge = await handle(new Request('https://hooks.example.com/?challengeCode=abc'))
    const { url } = await authorize(oauth, { client_id: 'id' }, { redirectUri: 'https://app.example.com/' })
    export const result = [challenge.status, new URL(url).host]`
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: join(folder, 'real'), loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['worker'],
    target: 'es2022',
    metafile: true,
    write: false,
  })
  expect(Object.keys(metafile.inputs).filter((path) => /hubspot|zapier|meta-graph|lossless/.test(path))).toEqual([])
  const bundle = outputFiles.map(({ text }) => text).join('')
  expect(bundle).not.toMatch(/\bnode:|\brequire\(|\bBuffer\b|\bprocess\./)
  const module: { readonly result: object } = await import(
    /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(bundle).toString('base64')}`
  )
  expect(module.result).toEqual([200, 'www.linkedin.com'])
})
