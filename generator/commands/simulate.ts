import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { secretFile } from '../database/secret-file.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { utf8 } from '../kit/bytes.ts'
import { endpoints } from '../kit/endpoints.ts'
import { toEventRequest } from '../kit/event.ts'
import type { Signing, SignOptions } from '../kit/sign.ts'
import { sign } from '../kit/sign.ts'
import type { Webhook } from '../kit/webhook.ts'
import type { Connector, ConnectorEvent, ConnectorField, ConnectorWebhook, SampleDelivery } from '../model/connector.ts'
import { withQuery } from '../model/sample-request.ts'
import { withStoredResponses } from '../model/stored-responses.ts'
import type { RunOptions } from '../pipeline/build-options.ts'
import { readRegistry } from '../pipeline/pipeline.ts'
import type { PreparedHandshake } from '../sandbox/handshake-simulation.ts'
import { preparedHandshake } from '../sandbox/handshake-simulation.ts'
import { ADDRESS, HANDSHAKE, SIGN } from '../sandbox/signing.ts'
import type { Change, Prepared } from '../sandbox/simulation.ts'
import { changed, renumbered, routedSample } from '../sandbox/simulation.ts'
import { kitWebhook } from '../targets/typescript/webhook-file.ts'
import { defineCommand, flag, parameter, requiredArgument, type Values } from './command.ts'
import { findConnector, findEvent } from './find-connector.ts'
import { formatTable } from './format-table.ts'
import {
  assignment,
  data,
  LOCAL_ORGANIZATION,
  registryParameters,
  runOptions,
  webAddress,
  wholeNumber,
} from './options.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'

const parameters = {
  ...registryParameters,
  connector: requiredArgument('<connector>', 'code of the connector'),
  event: parameter('[event]', 'name of an event; its sample is sent'),
  list: flag('--list', 'list the samples without sending any'),
  sample: parameter('--sample <name>', 'a sample, by part of its name or by its number in the list'),
  all: flag('--all', 'send every sample of the connector'),
  handshake: flag('--handshake', 'send the sample handshakes, by which the vendor checks the URL'),
  url: parameter('--url <url>', 'send to this URL instead of the local runtime', { parse: webAddress }),
  connectorAddress: flag(
    '--connector-address',
    'send to the address of all installations in the local runtime, with the values of the installation',
  ),
  secrets: parameter('--secret <field=value...>', 'secrets for --url; the local runtime has its own', {
    parse: addSecret,
    default: {},
  }),
  set: parameter('--set <place=value...>', 'change the body: a JSON Pointer or a form field, and its value', {
    parse: (text, previous: readonly Change[] = []) => [...previous, assignment(text)],
    default: [],
  }),
  times: parameter('--times <number>', 'number of distinct deliveries', { parse: wholeNumber(1), default: 1 }),
  duplicates: parameter('--duplicates <number>', 'how often to send each delivery again', {
    parse: wholeNumber(0),
    default: 0,
  }),
  outOfOrder: flag('--out-of-order', 'send the last delivery first'),
  badSignature: flag('--bad-signature', 'sign the deliveries incorrectly'),
  age: parameter('--age <seconds>', 'age of the signature, as in a replayed delivery', {
    parse: wholeNumber(0),
    default: 0,
  }),
  concurrency: parameter('--concurrency <number>', 'number of concurrent deliveries', {
    parse: wholeNumber(1),
    default: 1,
  }),
  runtime: parameter('--runtime <url>', 'URL of the local runtime', {
    parse: webAddress,
    default: 'http://127.0.0.1:4600',
  }),
  organization: parameter('--organization <uuid>', 'organization in the local runtime', {
    default: LOCAL_ORGANIZATION,
  }),
  data,
}

export type SimulateOptions = RunOptions & Omit<Values<typeof parameters>, 'cache'>

export const command = defineCommand({
  description: 'send signed sample deliveries, as the vendor would, and show the responses',
  examples: [
    'simulate whatsapp-business-cloud message_received',
    'simulate hubspot-crm --all --duplicates 1',
    'simulate whatsapp-business-cloud --handshake',
    'simulate hubspot-crm --all --connector-address',
    'simulate hubspot-crm --url https://example.com/webhooks --secret client_secret=…',
  ],
  parameters,
  run: (options, context) => simulate({ ...options, ...runOptions(options, 'outside CI', context) }),
})

/** One delivery and its response. */
interface Sent {
  readonly number: number
  readonly kind: 'delivery' | 'duplicate' | 'handshake'
  readonly status: number
  readonly answer: string
  readonly milliseconds: number
  readonly asWanted: boolean
}

/** How a delivery goes out. */
interface Destination {
  readonly url: string
  readonly sign: (prepared: Prepared, options: Pick<SignOptions, 'now' | 'isWrong'>) => Promise<Signing>
  /** The sample with the values that identify the receiver's installation. */
  readonly routed: (sample: SampleDelivery) => Promise<SampleDelivery>
  /** A sample of a handshake with the secrets of the receiver. */
  readonly prepare: (sample: HandshakeNumbers) => Promise<Awaited<ReturnType<typeof preparedHandshake>>>
}

/** A sample of a handshake by its place in the definition. */
interface HandshakeNumbers {
  readonly handshake: number
  readonly sample: number
}

/** Sends signed sample deliveries, as the vendor would, and shows the responses. */
export async function simulate(options: SimulateOptions): Promise<Outcome> {
  const reading = await readRegistry(options.definitions, options)
  if (reading.diagnostics.length > 0) return findingsOutcome(reading)
  const connector = findConnector(reading.registry, options.connector)
  if (options.list) return listed(connector)
  const webhook = kitWebhook(connector)
  if (options.handshake) return handshaken({ connector, webhook }, options)
  const event = options.event === undefined ? undefined : findEvent(connector, options.event)
  const sample = sampleOf(connector, event, options.sample)
  const samples = options.all ? samplesOf(connector) : sample === undefined ? [] : [sample]
  if (webhook !== undefined && samples.length > 0) return delivered({ connector, webhook }, samples, options)
  if (event === undefined || options.url !== undefined) throw noSample(connector, event)
  return recorded(connector, event, options)
}

type Secrets = Readonly<Record<string, string>>

function addSecret(text: string, previous: Secrets = {}): Secrets {
  const { place, value } = assignment(text)
  return { ...previous, [place]: value }
}

function sampleOf(
  connector: Connector,
  event: ConnectorEvent | undefined,
  wanted: string | undefined,
): SampleDelivery | undefined {
  const samples = samplesOf(connector)
  if (wanted !== undefined) {
    const found = /^\d+$/.test(wanted)
      ? samples[Number(wanted) - 1]
      : samples.find(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()))
    if (found !== undefined) return found
    throw new OperationalError(`${connector.code} has no sample "${wanted}"`, {
      help: 'see which there are with --list',
    })
  }
  if (event === undefined) return samples.find(({ events }) => events.length > 0)
  // The one that says this and nothing else, where there is one.
  const holding = samples.filter(({ events }) => events.includes(event.name))
  return holding.find(({ events }) => events.length === 1) ?? holding[0]
}

function samplesOf({ webhook }: Connector): readonly SampleDelivery[] {
  return webhook?.samples ?? []
}

function noSample({ code, events }: Connector, event: ConnectorEvent | undefined): OperationalError {
  if (event === undefined) {
    const help = events.length === 0 ? 'it has no events either: it is only called' : 'name an event'
    return new OperationalError(`${code} has no sample deliveries`, { help })
  }
  return new OperationalError(`no delivery of ${code} becomes ${event.name}: it comes by ${event.source}`, {
    help: 'leave out --url: the local runtime is then told of it as an application would tell HERA',
  })
}

function listed(connector: Connector): Outcome {
  const { code } = connector
  const samples = samplesOf(connector)
  const rows = samples.map(({ name, events, content_type }, index) => [
    String(index + 1),
    name,
    events.join(', ') || 'none',
    content_type,
  ])
  return {
    exitCode: 0,
    json: {
      connector: code,
      samples: samples.map(({ name, events, content_type }) => ({ name, events, content_type })),
    },
    text: (colors) => {
      const [head = '', ...lines] = formatTable(['number', 'sample', 'events', 'content type'], rows)
      return [colors.bold(head), ...lines, '', `${samples.length} samples of ${code}`].join('\n')
    },
  }
}

/** A connector with what its deliveries are signed by. */
interface Signed {
  readonly connector: Connector
  readonly webhook: Webhook
}

async function delivered(
  { connector, webhook }: Signed,
  samples: readonly SampleDelivery[],
  options: SimulateOptions,
): Promise<Outcome> {
  const destination = await destinationOf({ connector, webhook }, options)
  const deliveries: Queued[] = []
  const notes: string[] = []
  for (const sample of samples) {
    notes.push(`${sample.name} (${sample.events.join(', ') || 'no event of the connector'}) to ${destination.url}`)
    const made = await deliveriesOf(webhook, await destination.routed(sample), options)
    deliveries.push(...made.deliveries)
    notes.push(...made.notes)
  }
  const queue = options.outOfOrder ? deliveries.reverse() : deliveries
  const isForged = options.badSignature || isTooOld(webhook, options.age)
  const sent = await inParallel(queue, options.concurrency, (delivery) =>
    send(destination, delivery, options, isForged),
  )
  return outcomeOf(sent, notes)
}

/** Sends the sample handshakes of a connector, and compares the answers with those of the kit. */
async function handshaken(
  { connector, webhook }: Pick<Signed, 'connector'> & { readonly webhook: Webhook | undefined },
  options: SimulateOptions,
): Promise<Outcome> {
  const numbers = handshakesOf(connector).flatMap(({ samples = [] }, handshake) =>
    samples.map((_, sample): HandshakeNumbers => ({ handshake, sample })),
  )
  if (webhook === undefined || numbers.length === 0)
    throw new OperationalError(`${connector.code} has no sample handshakes`, {
      help: 'add some under webhook.handshakes, or send a delivery',
    })
  const destination = await destinationOf({ connector, webhook }, options)
  const sent: Sent[] = []
  const notes: string[] = []
  for (const [index, place] of numbers.entries()) {
    const { name } = sampleHandshake(connector, place).sample
    notes.push(`${index + 1}: ${name} to ${destination.url}`)
    const prepared = await destination.prepare(place)
    if ('signed' in prepared) throw unsigned(prepared)
    sent.push(await sendHandshake(destination.url, prepared, index + 1))
  }
  return outcomeOf(sent, notes)
}

function handshakesOf({ webhook }: Connector): ConnectorWebhook['handshakes'] {
  return webhook?.handshakes ?? []
}

function sampleHandshake(connector: Connector, numbers: HandshakeNumbers) {
  const handshake = handshakesOf(connector)[numbers.handshake]
  const sample = handshake?.samples?.[numbers.sample]
  if (handshake === undefined || sample === undefined) throw new Error(`${connector.code} has no such sample handshake`)
  return { handshake, sample }
}

async function sendHandshake(
  url: string,
  { method, headers, query, body, expected }: PreparedHandshake,
  number: number,
): Promise<Sent> {
  const target = new URL(url)
  if (query !== '') target.search = target.search === '' ? `?${query}` : `${target.search}&${query}`
  const startedAt = performance.now()
  const response = await fetch(target, {
    ...{ method, headers, redirect: 'manual' },
    ...(body === '' ? {} : { body }),
  }).catch((cause: Error) => {
    throw unreachable(url, cause)
  })
  const answer = await response.text()
  const milliseconds = performance.now() - startedAt
  const asWanted =
    response.status === expected?.status &&
    // Servers add a charset to the type.
    Object.entries(expected.headers).every(([name, value]) => response.headers.get(name)?.startsWith(value)) &&
    (method === 'HEAD' || isSameBody(answer, expected.body))
  return { number, kind: 'handshake', status: response.status, answer, milliseconds, asWanted }
}

/** Whether two bodies are equal, as JSON if both are. */
function isSameBody(one: string, other: string | undefined): boolean {
  if (one === (other ?? '')) return true
  try {
    return isDeepStrictEqual(JSON.parse(one), JSON.parse(other ?? ''))
  } catch {
    return false
  }
}

/** Where the time is signed, an old delivery is as bad as a forged one; elsewhere nobody can tell. */
function isTooOld({ signatures }: Webhook, age: number): boolean {
  const tolerance = signatures[0]?.timestamp?.tolerance_seconds
  return tolerance !== undefined && age > tolerance
}

interface Queued extends Pick<Sent, 'number' | 'kind'> {
  readonly prepared: Prepared
}

async function deliveriesOf(
  webhook: Webhook,
  sample: SampleDelivery,
  { set, times, duplicates }: SimulateOptions,
): Promise<{ readonly deliveries: readonly Queued[]; readonly notes: readonly string[] }> {
  const first = prepare(webhook, sample, set)
  const deliveries: Queued[] = []
  let repeats = false
  for (let number = 1; number <= times; number += 1) {
    const next = number === 1 ? first : await renumbered(withStoredResponses(webhook, [sample]), first, number - 1)
    repeats ||= next === undefined
    const prepared = next ?? first
    deliveries.push({ number, kind: next === undefined ? 'duplicate' : 'delivery', prepared })
    for (let again = 0; again < duplicates; again += 1) deliveries.push({ number, kind: 'duplicate', prepared })
  }
  return {
    deliveries,
    notes: repeats ? ['this delivery cannot be changed into one of other events, so every repeat is a duplicate'] : [],
  }
}

function prepare(webhook: Webhook, sample: SampleDelivery, changes: readonly Change[]): Prepared {
  try {
    return changed(webhook, sample, changes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new OperationalError(error.message, {
      help: `the body of the sample is ${sample.body.slice(0, 300)}`,
      cause: error,
    })
  }
}

async function send(
  destination: Destination,
  { prepared, number, kind }: Queued,
  { badSignature, age }: SimulateOptions,
  isForged: boolean,
): Promise<Sent> {
  const signing = await destination.sign(prepared, { now: Date.now() - age * 1000, isWrong: badSignature })
  if (!signing.signed) throw unsigned(signing)
  const startedAt = performance.now()
  const { search } = new URL(signing.url)
  const response = await fetch(`${destination.url.replace(/\?.*$/s, '')}${search}`, {
    method: prepared.method,
    headers: { ...prepared.headers, ...signing.headers },
    ...(prepared.method === 'GET' ? {} : { body: signing.body }),
    redirect: 'manual',
  }).catch((cause: Error) => {
    throw unreachable(destination.url, cause)
  })
  const answer = await response.text()
  // The local runtime counts events that reached no installation.
  const isTaken = response.status >= 200 && response.status < 300 && !/"unrouted":[1-9]/.test(answer)
  return {
    number,
    kind,
    status: response.status,
    answer,
    milliseconds: performance.now() - startedAt,
    // What is forged must be refused, and not by an error.
    asWanted: isForged ? response.status >= 400 && response.status < 500 : isTaken,
  }
}

function unsigned({ reason, field }: Signing & { readonly signed: false }): OperationalError {
  if (reason === 'unknown_scheme')
    return new OperationalError('the definition does not say how deliveries are signed, so they would be refused', {
      help: 'add webhook.signatures to the definition',
    })
  const message = {
    missing_secret: `the delivery cannot be signed without ${field}`,
    malformed_secret: `${field} is not written as the vendor writes it`,
    missing_private_key: 'only the vendor has the private key',
    malformed_body: 'the sample does not have the members that are signed',
    unsupported_algorithm: 'this version of Node.js does not have the algorithm',
  }[reason]
  const help =
    reason === 'missing_private_key'
      ? 'leave out --url: the local runtime makes a pair of keys for tests'
      : `pass it with --secret ${field}=<value>, or set it in the local runtime with CONFIGURE or in its hub`
  return new OperationalError(message, { help })
}

async function destinationOf({ connector, webhook }: Signed, options: SimulateOptions): Promise<Destination> {
  const { url, secrets, connectorAddress: shared } = options
  if (url !== undefined) {
    if (shared)
      throw new OperationalError('--connector-address and --url exclude each other', {
        help: 'leave out one of the two: --url is the whole address',
      })
    return {
      url,
      routed: async (sample) => sample,
      sign: ({ method, query, body, headers }, how) =>
        sign(webhook, { method, url: withQuery(url, query), body, headers }, secrets, how),
      prepare: (numbers) => preparedHandshake({ webhook, ...sampleHandshake(connector, numbers), secrets, url }),
    }
  }
  const call = await localRuntime(options)
  const installation = await installationOf(connector, call)
  if (shared && webhook.routing === undefined)
    throw new OperationalError(`${connector.code} has no address of all installations`, {
      help: 'add webhook.routing to the definition',
    })
  const { path, routes } = await call('GET', `${ADDRESS}?installation_id=${installation}&shared=${shared}`)
  return {
    routed: async (sample) =>
      shared ? routedSample(webhook, sample, routes as Readonly<Record<string, string | undefined>>) : sample,
    url: `${options.runtime}${String(path)}`,
    sign: async ({ method, query, body, headers }, how) => {
      const signing = (await call('POST', SIGN, {
        ...{ installation_id: installation, method, query },
        ...{ headers, body, shared, ...how },
      })) as unknown as Signing & { readonly body?: unknown }
      return signing.signed ? { ...signing, body: utf8(String(signing.body)) } : signing
    },
    prepare: async (numbers) =>
      (await call('POST', HANDSHAKE, {
        ...{ installation_id: installation, shared },
        ...numbers,
      })) as unknown as Awaited<ReturnType<typeof preparedHandshake>>,
  }
}

type Answer = Readonly<Record<string, unknown>>
type Call = (method: 'GET' | 'POST', path: string, body?: object) => Promise<Answer>

async function localRuntime({ runtime, data, organization }: SimulateOptions): Promise<Call> {
  const token = await secretFile(join(dirname(data), 'token'))
  return async (method, path, body) => {
    const response = await fetch(`${runtime}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'x-organization-id': organization,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: Error) => {
      throw unreachable(runtime, cause)
    })
    const answer = (await response.json().catch(() => ({}))) as Answer
    if (response.ok) return answer
    throw new OperationalError(
      `the local runtime refuses: ${String(answer.error)} ${String(answer.message ?? '')}`.trim(),
      {
        help:
          response.status === 401
            ? 'run the command in the folder where dev was started, or name its --data'
            : 'see the log of the local runtime',
      },
    )
  }
}

function unreachable(url: string, cause: Error): OperationalError {
  const reason = cause.cause instanceof Error ? cause.cause.message : cause.message
  return new OperationalError(`${url} cannot be reached: ${reason}`, {
    help: 'start the local runtime with: hera-connectors dev',
    cause,
  })
}

/** The installation to send to. Where there is none, the connector is installed with made-up secrets. */
async function installationOf(connector: Connector, call: Call): Promise<string> {
  const { code, auth } = connector
  const { data } = await call('POST', endpoints.connectors, {
    operation: 'LIST',
    connector_type: 'INTEGRATION_CONNECTOR_INSTALL',
    connector_code: code,
  })
  const { connectors } = data as { readonly connectors: readonly { readonly id: string; readonly status: string }[] }
  const installed = connectors.find(({ status }) => status !== 'inactive')
  if (installed !== undefined) return installed.id
  // The vendor chooses these values in a handshake, so they are not made up.
  const kept = handshakesOf(connector).flatMap(({ keeps = {} }) => Object.keys(keeps))
  const filled = auth.fields.filter(({ name, required }) => required || !kept.includes(name))
  const installation_config = Object.fromEntries(filled.map((field) => [field.name, madeUp(field)]))
  const answer = await call('POST', endpoints.connectors, {
    operation: 'INSTALL',
    connector_code: code,
    installation_config,
  })
  return (answer.data as { readonly installation_id: string }).installation_id
}

function madeUp({ name, type, example }: ConnectorField): string {
  if (type === 'url') return 'https://hooks.example.com/made-up'
  if (type === 'secret') return `made-up-${randomBytes(16).toString('hex')}`
  return example ?? `made-up-${name.replaceAll('_', '-')}`
}

/** An event that no vendor delivers: the runtime is told of it as an application would tell HERA. */
async function recorded(connector: Connector, event: ConnectorEvent, options: SimulateOptions): Promise<Outcome> {
  const call = await localRuntime(options)
  await installationOf(connector, call)
  const [example] = event.examples
  const body = toEventRequest({
    connector: connector.code,
    type: event.name,
    smart_code: event.smart_code,
    data: example?.data ?? {},
    idempotency: event.idempotency_key,
  })
  const sent: Sent[] = []
  for (let number = 1; number <= options.times * (1 + options.duplicates); number += 1) {
    const startedAt = performance.now()
    const { data } = await call('POST', endpoints.events, body)
    const { duplicate } = data as { readonly duplicate: boolean }
    sent.push({
      number,
      kind: duplicate ? 'duplicate' : 'delivery',
      status: 200,
      answer: JSON.stringify(data),
      milliseconds: performance.now() - startedAt,
      asWanted: true,
    })
  }
  const note = `the example of ${event.name} to the events endpoint: no delivery becomes this event, it comes by ${event.source}`
  return outcomeOf(sent, [note])
}

/** Several at once, each as soon as one is done; answers in the order of the work. */
async function inParallel<Work, Result>(
  work: readonly Work[],
  amount: number,
  run: (work: Work) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const left = work.entries()
  const workers = Array.from({ length: Math.min(amount, work.length) }, async () => {
    for (const [index, item] of left) results[index] = await run(item)
  })
  await Promise.all(workers)
  return results
}

/** More lines than this are for a program, which asks for JSON. */
const SHOWN = 20

function outcomeOf(sent: readonly Sent[], notes: readonly string[]): Outcome {
  const odd = sent.filter(({ asWanted }) => !asWanted)
  const rows = sent
    .slice(0, SHOWN)
    .map(({ number, kind, status, answer, milliseconds, asWanted }) => [
      asWanted ? 'ok' : 'no',
      String(number),
      kind,
      String(status),
      `${milliseconds.toFixed(1)} ms`,
      answer.slice(0, 200),
    ])
  return {
    exitCode: odd.length === 0 ? 0 : 1,
    json: { ok: odd.length === 0, notes, sent },
    text: (colors) => {
      const [head = '', ...lines] = formatTable(['', 'number', 'kind', 'status', 'time', 'answer'], rows)
      const rest = sent.length > SHOWN ? [`and ${sent.length - SHOWN} more`] : []
      const verdict =
        odd.length === 0 ? colors.green('all as wanted') : colors.red(`${odd.length} of ${sent.length} not as wanted`)
      return [...notes, '', colors.bold(head), ...lines, ...rest, '', `${sent.length} sent, ${verdict}`].join('\n')
    },
  }
}
