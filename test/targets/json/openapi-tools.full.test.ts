// The tools that readers of the OpenAPI document use must accept it as it is.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Registry } from '../../../generator/model/connector.ts'
import { readRegistry } from '../../../generator/pipeline/pipeline.ts'
import { jsonTarget } from '../../../generator/targets/json/json-target.ts'
import { emit } from '../../support/emit.ts'
import { packageFolder } from '../../support/full-suite.ts'
import { fixtureRegistry } from '../../types/fixture-registry.ts'

const folder = mkdtempSync(join(tmpdir(), 'hera-openapi-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SPECTRAL = packageFolder('@stoplight/spectral-cli')

beforeAll(async () => {
  writeFileSync(join(folder, 'real.json'), await openapiOf((await readRegistry(['definitions'])).registry))
  writeFileSync(join(folder, 'fixture.json'), await openapiOf(fixtureRegistry))
  writeFileSync(join(folder, 'empty.json'), await openapiOf({ connectors: [] }))
  const { info: _, ...rest } = JSON.parse(await openapiOf(fixtureRegistry))
  writeFileSync(join(folder, 'wrong.json'), JSON.stringify(rest))
  // Spectral looks for its own rulesets next to the ruleset that refers to them.
  writeFileSync(join(folder, 'spectral.yaml'), 'extends: spectral:oas\n')
  symlinkSync(join(SPECTRAL, '..', '..'), join(folder, 'node_modules'))
})

async function openapiOf(registry: Registry): Promise<string> {
  const files = await emit(jsonTarget, registry)
  return files.find(({ path }) => path === 'json/openapi.json')?.text ?? ''
}

interface Ended {
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
}

function run(script: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH ?? '', HOME: folder, REDOCLY_TELEMETRY: 'off', NO_COLOR: '1' }
    execFile(process.execPath, [script, ...args], { cwd: folder, env, maxBuffer: 2 ** 24 }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

const NAMES = ['real', 'fixture', 'empty'] as const

describe('Redocly', () => {
  const lint = async (name: string) => {
    const { stdout } = await run(join(packageFolder('@redocly/cli'), 'bin', 'cli.js'), [
      ...['lint', `${name}.json`, '--extends', 'recommended', '--format', 'json'],
    ])
    const { problems } = JSON.parse(stdout) as {
      readonly problems: readonly { readonly ruleId: string; readonly severity: string }[]
    }
    return problems.map(({ ruleId, severity }) => `${severity} ${ruleId}`)
  }

  test.each(NAMES)('finds no error in the %s registry', async (name) => {
    // The registry's own licence is not known.
    expect(await lint(name)).toEqual(['warn info-license'])
  })

  test('finds errors in a wrong document', async () => {
    expect((await lint('wrong')).filter((problem) => problem.startsWith('error'))).not.toEqual([])
  })
})

describe('Spectral', () => {
  const lint = async (name: string) => {
    const { stdout } = await run(join(SPECTRAL, 'dist', 'index.js'), [
      ...['lint', `${name}.json`, '--ruleset', 'spectral.yaml', '--format', 'json', '--quiet'],
    ])
    return (JSON.parse(stdout) as readonly { readonly code: string; readonly severity: number }[]).map(
      ({ code, severity }) => `${severity} ${code}`,
    )
  }

  test.each(NAMES)('finds no error in the %s registry', async (name) => {
    // Nobody to contact is known.
    expect(await lint(name)).toEqual(['1 info-contact'])
  })

  test('finds errors in a wrong document', async () => {
    expect((await lint('wrong')).filter((problem) => problem.startsWith('0'))).not.toEqual([])
  })
})

describe('generators', () => {
  test.each<[string, string, readonly string[]]>([
    [
      'hey-api',
      join(packageFolder('@hey-api/openapi-ts'), 'bin', 'run.js'),
      ['--input', 'real.json', '--output', 'hey-api', '--client', '@hey-api/client-fetch', '--no-log-file'],
    ],
    [
      'openapi-typescript',
      join(packageFolder('openapi-typescript'), 'bin', 'cli.js'),
      ['real.json', '--output', 'openapi-typescript/index.ts'],
    ],
  ])(
    '%s writes code that compiles',
    async (name, script, args) => {
      expect(await run(script, args)).toMatchObject({ status: 0 })
      const compiler = join(packageFolder('typescript-5'), 'lib', 'tsc.js')
      const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'esnext', '--moduleResolution', 'bundler']
      const compiled = await run(compiler, [...options, '--target', 'es2022', join(name, 'index.ts')])
      expect(compiled).toMatchObject({ status: 0, stdout: '' })
    },
    120_000,
  )
})
