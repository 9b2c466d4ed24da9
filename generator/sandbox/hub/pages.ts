import { html, raw } from 'hono/html'
import type { Problem } from '../../kit/gateway-problem.ts'
import type { LogEntry } from '../../kit/hera.ts'
import { isDeeper } from '../../kit/mapping.ts'
import type { PollResult } from '../../kit/poll.ts'
import type { SubscriptionDescription } from '../../kit/subscription.ts'
import type { Connector, ConnectorEvent, ConnectorField, JsonObject, SampleDelivery } from '../../model/connector.ts'
import { unsignedWarning } from '../../vocabulary/signatures.ts'
import type { ReceivedDelivery } from '../activity-feed.ts'
import type { ConnectionState } from '../connecting.ts'
import type { Mask } from '../masking.ts'
import type { Polled } from '../polling.ts'
import type { LogPage, LogsQuery } from '../runtime.ts'
import type { KeptSubscription } from '../subscriptions.ts'

/** Levels of a body that is shown indented. */
const DEEPEST = 20

type Html = ReturnType<typeof html>

/** What stands around every page. */
interface Frame {
  readonly organizations: readonly string[]
  readonly organization: string
  readonly path: string
}

/** An installation as LIST answers it. */
export interface Installation {
  readonly id: string
  readonly code: string
  readonly status: 'active' | 'paused' | 'inactive'
  readonly installation_config: Readonly<Record<string, string>>
  readonly history: readonly { readonly operation: string; readonly at: string }[]
}

export interface ConnectorView {
  readonly connector: Connector
  readonly installation: Installation | undefined
  readonly webhookUrl: string
  /** The address that all installations share; undefined without routing. */
  readonly connectorUrl: string | undefined
  /** The account of OAuth; undefined if none can be connected here. */
  readonly connection: ConnectionView | undefined
  /** The events that are polled for. */
  readonly polled: readonly PolledView[]
  /** Whether the vendor has just accepted the credentials. */
  readonly isVerified?: boolean
  readonly subscriptions: SubscriptionsView
  /** Why the last form was refused, and what it held. */
  readonly problem?: Problem
  readonly given?: Readonly<Record<string, string>>
}

/** Whether an account is connected, and the redirect URL to register with the vendor. */
export interface ConnectionView extends ConnectionState {
  readonly redirectUri: string
}

export interface PolledView {
  readonly event: string
  readonly last: Polled | undefined
}

/** How an application subscribes to a connector's webhooks, and the subscriptions that exist. */
interface SubscriptionsView {
  readonly descriptions: readonly SubscriptionDescription[]
  readonly kept: readonly KeptSubscription[]
}

const PLACES = [
  ['/', 'Connectors'],
  ['/hub/log', 'Log'],
  ['/hub/deliveries', 'Deliveries'],
  ['/hub/api', 'API'],
] as const

function frame(title: string, { organizations, organization, path }: Frame, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · HERA local runtime</title>
<link rel="stylesheet" href="/hub.css">
<script src="/hub.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header>
<p class="brand">HERA <span>local runtime</span></p>
<nav aria-label="Main">
${PLACES.map(([href, name]) => html`<a href="${href}" ${href === path ? raw('aria-current="page"') : ''}>${name}</a>`)}
</nav>
${
  organizations.length > 1
    ? html`<form method="post" action="/hub/organization" class="organization">
<label for="organization">Organization</label>
<select id="organization" name="organization">${organizations.map(
        (id) => html`<option ${id === organization ? raw('selected') : ''}>${id}</option>`,
      )}</select>
<button>Switch</button>
</form>`
    : ''
}
<form method="post" action="/hub/logout"><button class="quiet">Sign out</button></form>
</header>
<main id="content" tabindex="-1">
<h1>${title}</h1>
${content}
</main>
</body>
</html>`
}

export function loginPage({ failed }: { readonly failed: boolean }): Html {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · HERA local runtime</title><link rel="stylesheet" href="/hub.css"></head>
<body><main id="content"><h1>Sign in</h1>
<p>Open the link that <code>hera-connectors dev</code> printed, or paste its token.</p>
${failed ? html`<p class="problem" role="alert">This is not the token of this server.</p>` : ''}
<form method="post" action="/login" class="fields">
<p><label for="token">Token</label><input id="token" name="token" type="password" required autocomplete="off"></p>
<p><button>Sign in</button></p>
</form></main></body></html>`
}

export function homePage(
  around: Frame,
  connectors: readonly Connector[],
  installations: ReadonlyMap<string, Installation>,
): Html {
  return frame(
    'Connectors',
    around,
    html`<p>${connectors.length} connectors, ${installations.size} of them installed.</p>
<ul class="cards">
${connectors.map((connector) => {
  const status = installations.get(connector.code)?.status
  return html`<li class="card">
<h2><a href="/hub/connectors/${connector.code}">${connector.name}</a></h2>
<p>${connector.purpose}</p>
<p class="facts"><span>${connector.category}</span> <span>${connector.events.length} events</span>
${status === undefined ? '' : html`<span class="status ${status}">${status}</span>`}</p>
</li>`
})}
</ul>`,
  )
}

export function connectorPage(around: Frame, view: ConnectorView): Html {
  const { connector, installation, webhookUrl, connectorUrl, problem, given, connection, polled, subscriptions } = view
  const { name, purpose, description, links, auth, webhook, code } = connector
  const action = `/hub/connectors/${code}`
  const warning = webhook === undefined ? undefined : unsignedWarning(webhook)
  const configuration = { ...installation?.installation_config, ...given }
  return frame(
    name,
    around,
    html`<p>${purpose}</p>
${problem === undefined ? '' : html`<div class="problem" role="alert"><p><strong>${problem.error}</strong></p><p>${problem.message ?? ''}</p></div>`}
<details><summary>About this connector</summary><p>${description}</p>
${links.documentation === undefined ? '' : html`<p><a href="${links.documentation}" rel="noreferrer">The vendor's documentation</a></p>`}</details>
${
  installation === undefined
    ? html`<h2>Install</h2>${fieldsForm(`${action}/install`, auth.fields, configuration, 'Install')}`
    : html`<h2>Installation</h2>
<dl><dt>Status</dt><dd><span class="status ${installation.status}">${installation.status}</span></dd>
<dt>Id</dt><dd><code>${installation.id}</code></dd>
${webhook === undefined ? '' : html`<dt>Webhook address</dt><dd><code>${webhookUrl}</code></dd>`}
${connectorUrl === undefined ? '' : html`<dt>Address of all installations</dt><dd><code>${connectorUrl}</code></dd>`}</dl>
${warning === undefined ? '' : html`<div class="problem"><p><strong>Unsigned deliveries</strong></p><p>${warning}</p></div>`}
<div class="actions">
${installation.status === 'paused' ? button(`${action}/resume`, 'Resume') : button(`${action}/pause`, 'Pause')}
${button(`${action}/uninstall`, 'Uninstall', 'danger')}
</div>
<details ${problem === undefined ? '' : raw('open')}><summary>Configure</summary>
<p>A secret that is left as it is stays as it is.</p>
${fieldsForm(`${action}/configure`, auth.fields, configuration, 'Save')}</details>
${connection === undefined ? '' : connectionSection(action, connection)}
${view.isVerified === true ? html`<p class="live" role="status">The vendor accepts the credentials.</p>` : ''}
${auth.verification === undefined ? '' : button(`${action}/verify`, 'Verify the credentials')}
${polled.length === 0 ? '' : pollsSection(`${action}/poll`, polled)}
${webhook === undefined ? '' : samplesForm(`${action}/sample`, webhook.samples)}
${subscriptions.descriptions.length === 0 ? '' : subscriptionForms(`${action}/subscriptions`, subscriptions)}
<h2>History</h2>
<ol class="history">${installation.history.map(
        ({ operation, at }) => html`<li>${operation} <time datetime="${at}">${at}</time></li>`,
      )}</ol>`
}
${connector.events.length === 0 ? '' : eventsTable(connector.events)}`,
  )
}

function connectionSection(action: string, connection: ConnectionView): Html {
  const { isConnected, expires_at, scope, isRenewable, redirectUri } = connection
  return html`<h2>Account</h2>
<dl><dt>State</dt><dd><span class="status ${isConnected ? 'active' : 'paused'}">${isConnected ? 'connected' : 'not connected'}</span></dd>
${expires_at === undefined ? '' : html`<dt>Access token</dt><dd>valid until <time datetime="${expires_at}">${expires_at}</time>${isRenewable === true ? ', then renewed' : ''}</dd>`}
${scope === undefined ? '' : html`<dt>Scopes</dt><dd>${scope}</dd>`}
<dt>Redirect URL</dt><dd><code>${redirectUri}</code>, to be registered with the vendor</dd></dl>
<div class="actions">${button(`${action}/connect`, isConnected ? 'Connect again' : 'Connect')}
${isConnected ? button(`${action}/disconnect`, 'Disconnect', 'danger') : ''}</div>`
}

function pollsSection(action: string, polled: readonly PolledView[]): Html {
  return html`<h2>Polls</h2>
<table><thead><tr><th scope="col">Event</th><th scope="col">Last poll</th><th scope="col">Result</th></tr></thead>
<tbody>${polled.map(
    ({ event, last }) => html`<tr><th scope="row"><code>${event}</code></th>
<td>${last === undefined ? 'never' : html`<time datetime="${last.at}">${last.at}</time>`}</td>
<td>${last === undefined ? '' : resultOf(last.result)}</td></tr>`,
  )}</tbody></table>
${button(action, 'Poll now')}`
}

function resultOf(result: PollResult): string {
  const recorded = result.recorded === 1 ? '1 event' : `${result.recorded} events`
  if (result.ok) return recorded
  const { reason } = result.error
  const isLost = 'token' in result.error && result.error.token.reason === 'reconnect'
  return `${recorded}, then ${reason}${isLost ? ': connect the account' : ''}`
}

/** Leads a person to the vendor. */
export function consentPage(around: Frame, name: string, url: string): Html {
  return frame(`Connect ${name}`, around, html`<p><a href="${url}" rel="noreferrer">Continue to the vendor</a></p>`)
}

function samplesForm(action: string, samples: readonly SampleDelivery[]): Html {
  return html`<h2>Send a sample delivery</h2>
${
  samples.length === 0
    ? html`<p>The definition has no sample deliveries.</p>`
    : html`<form method="post" action="${action}" class="row"><label for="sample">Sample</label>
<select id="sample" name="sample">${samples.map(
        ({ name, events }, index) =>
          html`<option value="${index}">${name}${events.length === 0 ? '' : ` (${events.join(', ')})`}</option>`,
      )}</select> <button>Send</button></form>`
}`
}

/** Forms that call the vendor; the subscriptions are known until the server stops. */
function subscriptionForms(action: string, { descriptions, kept }: SubscriptionsView): Html {
  return html`<h2>Subscriptions</h2>
<p>These forms call the vendor's API. The runtime forgets subscriptions when it stops: delete them before.</p>
${kept.map(
  ({ id, name, subscription, isDue }) => html`<h3>${name} ${subscription.id ?? ''}</h3>
<p>${subscription.events.join(', ')} ${subscription.expires_at === undefined ? '' : html`until <time datetime="${subscription.expires_at}">${subscription.expires_at}</time>`} ${isDue ? 'Renew it now.' : ''}</p>
<form method="post" action="${action}/${id}" class="fields">
<p>${descriptions.some((one) => one.name === name && one.expires === undefined && one.lifetime_seconds === undefined) ? '' : html`<button name="operation" value="renew">Renew</button>`}
<button name="operation" value="delete" class="danger">Delete</button></p></form>`,
)}
${descriptions.map(
  ({ name, parameters, events }) => html`<details><summary>Create a subscription: ${name}</summary>
<form method="post" action="${action}" class="fields"><input type="hidden" name="name" value="${name}">
${parameters.map(
  (parameter) => html`<p><label for="${name}-${parameter}">${parameter} <span class="needed">(required)</span></label>
<input id="${name}-${parameter}" name="parameter:${parameter}" required autocomplete="off" spellcheck="false"></p>`,
)}
${
  events === undefined
    ? ''
    : html`<p><label for="${name}-events">Events</label><select id="${name}-events" name="events" ${events.as === 'single' ? '' : raw('multiple')}>${events.names.map(
        (event) => html`<option ${events.as === 'single' ? '' : raw('selected')}>${event}</option>`,
      )}</select></p>`
}
<p><button>Create</button></p></form></details>`,
)}`
}

function eventsTable(events: readonly ConnectorEvent[]): Html {
  return html`<h2>Events</h2>
<table><thead><tr><th scope="col">Event</th><th scope="col">What it says</th><th scope="col">Smart code</th></tr></thead>
<tbody>${events.map(
    ({ name, summary, smart_code }) =>
      html`<tr><th scope="row"><code>${name}</code></th><td>${summary}</td><td><code>${smart_code}</code></td></tr>`,
  )}</tbody></table>`
}

function button(action: string, text: string, kind = ''): Html {
  return html`<form method="post" action="${action}"><button class="${kind}">${text}</button></form>`
}

function fieldsForm(
  action: string,
  fields: readonly ConnectorField[],
  values: Readonly<Record<string, string>>,
  submit: string,
): Html {
  return html`<form method="post" action="${action}" class="fields">
${fields.map((field) => {
  const { name, label, description, where_to_find, required, sensitive, type } = field
  const value = values[name] ?? field.default ?? ''
  if (field.options !== undefined)
    return html`<p><label for="field-${name}">${label}</label>
<select id="field-${name}" name="${name}" aria-describedby="about-${name}">${required || value !== '' ? '' : html`<option value=""></option>`}
${field.options.map((option) => html`<option ${option === value ? raw('selected') : ''}>${option}</option>`)}</select>
<span class="about" id="about-${name}">${description} ${where_to_find ?? ''}</span></p>`
  return html`<p><label for="field-${name}">${label}${required ? html` <span class="needed">(required)</span>` : ''}</label>
<input id="field-${name}" name="${name}" value="${value}" ${required ? raw('required') : ''} autocomplete="off"
 type="${sensitive ? 'password' : type === 'url' ? 'url' : 'text'}" spellcheck="false"
 aria-describedby="about-${name}"><span class="about" id="about-${name}">${description} ${where_to_find ?? ''}</span></p>`
})}
<p><button>${submit}</button></p>
</form>`
}

export function logPage(
  around: Frame,
  { logs, next_before }: LogPage,
  query: LogsQuery,
  connectors: readonly string[],
): Html {
  const next = new URLSearchParams({
    ...(query.status === undefined ? {} : { status: query.status }),
    ...(query.connector_code === undefined ? {} : { connector: query.connector_code }),
    ...(next_before === null ? {} : { before: next_before }),
  })
  // On an older page nothing new belongs.
  const isLive = query.before === undefined
  return frame(
    'Log',
    around,
    html`<form method="get" action="/hub/log" class="row">
<label for="connector">Connector</label>
<select id="connector" name="connector"><option value="">all</option>${connectors.map(
      (code) => html`<option ${code === query.connector_code ? raw('selected') : ''}>${code}</option>`,
    )}</select>
<label for="status">Status</label>
<select id="status" name="status"><option value="">all</option>${['success', 'error', 'pending'].map(
      (status) => html`<option ${status === query.status ? raw('selected') : ''}>${status}</option>`,
    )}</select>
<button>Show</button></form>
${isLive ? html`<p id="live" role="status" class="live">Waiting for the server …</p>` : ''}
<table id="log" ${isLive ? raw('data-live="event"') : ''} data-connector="${query.connector_code ?? ''}" data-status="${query.status ?? ''}">
<thead><tr><th scope="col">Time</th><th scope="col">Connector</th><th scope="col">Event</th><th scope="col">Status</th>
<th scope="col">Message</th><th scope="col">Bytes</th></tr></thead>
<tbody>${logs.map(logRow)}</tbody></table>
${next_before === null ? '' : html`<p><a href="/hub/log?${next.toString()}">Older</a></p>`}`,
  )
}

function logRow({ id, timestamp, connector_code, event_type, status, message, payload_size }: LogEntry): Html {
  return html`<tr><td><time datetime="${timestamp}">${timestamp}</time></td><td>${connector_code}</td>
<td><a href="/hub/events/${id}">${event_type}</a></td><td><span class="status ${status}">${status}</span></td>
<td>${message}</td><td>${payload_size}</td></tr>`
}

export function eventPage(around: Frame, event: JsonObject, mask: Mask): Html {
  const { fields, metadata, ...row } = event as JsonObject & {
    readonly fields: JsonObject
    readonly metadata: JsonObject
  }
  const { event_data, ...others } = fields
  return frame(
    `Event ${String(metadata.event_type ?? '')}`,
    around,
    html`<dl>
${Object.entries({ ...metadata, ...others, smart_code: row.smart_code ?? '', id: row.id ?? '' }).map(
  ([name, value]) => html`<dt>${name}</dt><dd>${mask(typeof value === 'string' ? value : JSON.stringify(value))}</dd>`,
)}
</dl>
<h2>Data</h2>
<pre tabindex="0" aria-label="Data of the event">${mask(JSON.stringify(event_data ?? null, null, 2))}</pre>`,
  )
}

export function deliveriesPage(around: Frame, deliveries: readonly ReceivedDelivery[]): Html {
  return frame(
    'Deliveries',
    around,
    html`<p>The latest deliveries to the webhooks since the server started.</p>
<p id="live" role="status" class="live">Waiting for the server …</p>
<table id="log" data-live="delivery"><thead><tr><th scope="col">Time</th><th scope="col">Connector</th><th scope="col">Answer</th>
<th scope="col">Notes</th></tr></thead><tbody>
${deliveries.map(
  ({
    id,
    at,
    connector,
    status,
    answer,
    notes,
  }) => html`<tr><td><a href="/hub/deliveries/${id}"><time datetime="${at}">${at}</time></a></td>
<td>${connector}</td><td>${status} ${answer}</td><td>${notes.join('; ')}</td></tr>`,
)}
</tbody></table>`,
  )
}

export function deliveryPage(
  around: Frame,
  { at, connector, status, answer, notes, method, verified, headers, body }: ReceivedDelivery,
): Html {
  return frame(
    `Delivery of ${connector}`,
    around,
    html`<dl><dt>Time</dt><dd>${at}</dd><dt>Answer</dt><dd>${status} ${answer}</dd>
<dt>Verified</dt><dd>${verified ? 'yes' : 'no'}</dd>
<dt>Notes</dt><dd>${notes.length === 0 ? 'none' : notes.join('; ')}</dd></dl>
<h2>Request</h2>
<pre tabindex="0" aria-label="Headers">${method}
${Object.entries(headers)
  .map(([name, value]) => `${name}: ${value}`)
  .join('\n')}</pre>
<h2>Body</h2>
<pre tabindex="0" aria-label="Body">${readable(body)}</pre>`,
  )
}

export function apiPage(): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · HERA local runtime</title><link rel="stylesheet" href="/hub/api/swagger-ui.css">
<script src="/hub/api/swagger-ui-bundle.js" defer></script><script src="/hub/api/start.js" defer></script></head>
<body><p><a href="/">Back to the hub</a></p><div id="api"></div></body></html>`
}

export function apiPageWithoutViewer(): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · HERA local runtime</title><link rel="stylesheet" href="/hub.css"></head>
<body><main><p><a href="/">Back to the hub</a></p><h1>API</h1>
<p>The API is described by <a href="/openapi.json">openapi.json</a>. To see it on this page, install Swagger UI:</p>
<pre tabindex="0" aria-label="Command">npm install --save-dev swagger-ui-dist</pre></main></body></html>`
}

function readable(body: string): string {
  try {
    const value: unknown = JSON.parse(body)
    // Indented, a deep value would be many times as long as it came.
    return isDeeper(value, DEEPEST) ? body : JSON.stringify(value, null, 2)
  } catch {
    return body
  }
}
