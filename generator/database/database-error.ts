import { OperationalError } from '../diagnostics/operational-error.ts'

/** What PostgreSQL and Node report; every field may be missing. */
interface DriverError {
  readonly code?: string
  readonly message?: string
  readonly hint?: string
  readonly detail?: string
}

const LOST = 'the server went away; the transaction was rolled back, so run the command again'
const CERTIFICATE = "name the authority that signed the server's certificate, with sslrootcert in the database URL"

const DAMAGED =
  'restore the database from a backup; without one, move its folder away and run the command again: installations and events in it are lost'

const REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is the server running, and are host and port right?',
  ENOTFOUND: 'check the host name in the database URL',
  EAI_AGAIN: 'check the host name in the database URL, and the network',
  ETIMEDOUT: 'check host and port, and whether a firewall is in between',
  CONNECT_TIMEOUT: 'check host and port, and whether a firewall is in between',
  CONNECTION_CLOSED: LOST,
  CONNECTION_DESTROYED: LOST,
  ECONNRESET: LOST,
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name: check the host in the database URL",
  '28P01': 'check user and password in the database URL',
  '28000': "check user and password in the database URL, and the server's pg_hba.conf",
  '57P01': 'the server ended the session; the transaction was rolled back, so run the command again',
  '3D000': 'check the database name in the database URL',
  '42501': 'connect as the owner of the tables or as service_role',
  '42P01': 'this is no HERA database: its tables are missing',
  '53100': 'the disk is full: free some space and run the command again; the transaction was rolled back',
  '58030': 'check the disk of the database; it could not be read or written',
  '25006': 'the database only allows reading: connect to the primary server, or make its folder writable',
  XX001: DAMAGED,
  XX002: DAMAGED,
  '55P03': 'another session holds a lock: try again later',
}

/** Turns what a driver throws into one sentence and a remedy. A URL never appears in it: it may hold a password. */
export function databaseError(label: string, cause: unknown): OperationalError {
  const { code = '', message, hint, detail } = describedError(cause)
  // The driver's own words for it are no sentence.
  const what = REMEDIES[code] === LOST ? 'the connection was lost' : message || code || 'unknown error'
  const said = [what, detail].filter((part) => part !== undefined && part !== '').join(' ')
  return new OperationalError(`${label}: ${said.replaceAll('\n', ' ')}`, {
    help:
      (REMEDIES[code] === DAMAGED ? DAMAGED : undefined) ??
      hint ??
      REMEDIES[code] ??
      'nothing was changed; see the message of the database',
    cause,
  })
}

/** Failures of the embedded database's file system have a number of WASI in the place of a code and a message. */
const FILE_SYSTEM_ERRORS: Readonly<Record<number, DriverError>> = {
  2: {
    code: '42501',
    message: 'a file of the database may not be opened',
    hint: 'change the permissions of its folder',
  },
  19: { code: '53100', message: 'the disk quota is used up' },
  29: { code: '58030', message: 'a file of the database cannot be read or written' },
  51: { code: '53100', message: 'the disk is full' },
  69: { code: '25006', message: 'the file system is read-only' },
}

function describedError(cause: unknown): DriverError {
  const { errno } = (cause ?? {}) as { readonly errno?: unknown }
  const known = typeof errno === 'number' ? FILE_SYSTEM_ERRORS[errno] : undefined
  return known ?? ((cause ?? {}) as DriverError)
}
