import { readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { suggestion } from '../text/closest.ts'

/** How to encrypt, in the words of the driver. */
export type Tls = false | 'prefer' | ConnectionOptions

/** Environment variables, of which the PGSSL… ones and PGHOST are read. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface Encryption {
  /** The URL without the parameters that are about encryption. */
  readonly url: string
  readonly tls: Tls
}

/** libpq's modes, from none to the one that also checks the server's name. */
const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']

const PARAMETERS = { mode: 'sslmode', ca: 'sslrootcert', cert: 'sslcert', key: 'sslkey' } as const

/**
 * What a URL says of encryption, and where it says nothing the PGSSL… variables, as libpq reads them
 * (https://www.postgresql.org/docs/current/libpq-ssl.html). Without either, TLS where the server has it.
 */
export async function encryptionOf(url: URL, environment: Environment): Promise<Encryption> {
  const said = (parameter: string) => url.searchParams.get(parameter) || environment[`PG${parameter.toUpperCase()}`]
  const rootCertificates = said(PARAMETERS.ca)
  // The system's own certificates make no sense with less than the full check.
  const mode = rootCertificates === 'system' ? 'verify-full' : (said(PARAMETERS.mode) ?? 'prefer')
  if (!MODES.includes(mode)) {
    throw new OperationalError(`the database URL asks for the unknown sslmode "${mode}"${suggestion(mode, MODES)}`, {
      help: `the modes are ${MODES.join(', ')}`,
    })
  }
  const [ca, cert, key] = await Promise.all([
    rootCertificates === 'system' ? undefined : fileOf(PARAMETERS.ca, rootCertificates),
    fileOf(PARAMETERS.cert, said(PARAMETERS.cert)),
    fileOf(PARAMETERS.key, said(PARAMETERS.key)),
  ])
  const rest = new URL(url)
  for (const parameter of Object.values(PARAMETERS)) rest.searchParams.delete(parameter)
  return { url: rest.href, tls: tlsOf(mode, url.hostname || environment.PGHOST, { ca, cert, key }) }
}

function tlsOf(mode: string, host: string | undefined, files: Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>): Tls {
  if (mode === 'disable') return false
  if (mode === 'allow' || mode === 'prefer') return 'prefer'
  const given = Object.fromEntries(Object.entries(files).filter(([, file]) => file !== undefined))
  // As in libpq, a root certificate that is named is also used.
  if (mode === 'require' && files.ca === undefined) return { ...given, rejectUnauthorized: false }
  if (mode === 'verify-full') return { ...given, ...(host === undefined ? {} : { host: host.replace(/^\[|\]$/g, '') }) }
  return { ...given, checkServerIdentity: () => undefined }
}

async function fileOf(parameter: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new OperationalError(`the file "${path}" that ${parameter} names cannot be read`, {
      help: `check the path in the database URL or in PG${parameter.toUpperCase()}`,
      cause,
    })
  }
}
