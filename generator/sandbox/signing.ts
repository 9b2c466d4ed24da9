import type { Context } from 'hono'
import { Hono } from 'hono'
import { refuse } from '../kit/gateway-problem.ts'
import { sign } from '../kit/sign.ts'
import { withQuery } from '../model/sample-request.ts'
import { isUuid } from '../text/uuid.ts'
import type { ApiOptions, Variables } from './api.ts'
import { preparedHandshake } from './handshake-simulation.ts'
import { maskingOf } from './masking.ts'
import type { Actor } from './runtime.ts'
import type { TestKeys } from './test-keys.ts'
import { bodyText, parsedBody } from './validation.ts'
import { connectorWebhookPath, webhookPath } from './webhooks.ts'

/** Bytes: a delivery as large as vendors send, as a text in JSON. */
const LARGEST = 8 * 1024 * 1024

/** Where `simulate` asks for the webhook of an installation: its address cannot be guessed. */
export const ADDRESS = '/dev/address'
/** Where `simulate` has a delivery signed: the secrets stay in the runtime. */
export const SIGN = '/dev/sign'

/** `simulate` gets sample handshakes here, prepared with the secrets of an installation. */
export const HANDSHAKE = '/dev/handshake'

type Ctx = Context<{ Variables: Variables }>

export interface SigningOptions extends Pick<ApiOptions, 'access' | 'runtime' | 'serverState'> {
  readonly publicUrl: string
  /** The local token, from which the addresses of webhooks derive. */
  readonly token: string
  readonly testKeys: TestKeys
}

/** Signs deliveries as the vendor of an installation does. For the local token, and its organizations, alone. */
export function signing(options: SigningOptions): Hono<{ Variables: Variables }> {
  const { access, runtime, serverState, publicUrl, token, testKeys } = options
  const app = new Hono<{ Variables: Variables }>()
  app.get(ADDRESS, async (c) => {
    const { organizationId } = await localActor(c)
    const { code, installation, configuration } = await installedAt(organizationId, c.req.query('installation_id'))
    const path = pathOf(code, installation, c.req.query('shared') === 'true')
    const routing = serverState().webhookOf(code)?.routing ?? []
    // Not secrets: the vendor sends them with every delivery.
    const routes = Object.fromEntries(routing.map(({ field }) => [field, configuration[field]]))
    return c.json({ url: `${publicUrl}${path}`, path, routes })
  })
  app.post(SIGN, async (c) => {
    const { organizationId } = await localActor(c)
    const { installation_id, method, query, headers, body, scheme, now, isWrong, shared } = parsedBody(
      await bodyText(c.req.raw, LARGEST),
    )
    const { code, installation, configuration } = await installedAt(organizationId, installation_id)
    const webhook = serverState().webhookOf(code)
    if (webhook === undefined) refuse({ status: 404, error: 'not_installed' })
    c.set('mask', maskingOf(serverState().connectors.get(code), configuration).text)
    // Vendors sign the address that they know, which is the public one.
    const path = pathOf(code, installation, shared === true)
    const url = withQuery(`${publicUrl}${path}`, typeof query === 'string' ? query : undefined)
    const unsigned = {
      ...{ method: String(method), url, body: String(body) },
      headers: typeof headers === 'object' ? (headers as Record<string, string>) : {},
    }
    const signing = await sign(webhook, unsigned, configuration, {
      scheme: typeof scheme === 'string' ? scheme : undefined,
      now: typeof now === 'number' ? now : undefined,
      isWrong: isWrong === true,
      privateKey: (signer) => testKeys.privateKeyFor(installation, signer),
    })
    return c.json(signing.signed ? { ...signing, body: new TextDecoder().decode(signing.body) } : signing)
  })
  app.post(HANDSHAKE, async (c) => {
    const { organizationId } = await localActor(c)
    const { installation_id, handshake: index, sample: number, shared } = parsedBody(await bodyText(c.req.raw, LARGEST))
    const { code, installation, configuration } = await installedAt(organizationId, installation_id)
    const { connectors, webhookOf } = serverState()
    const [connector, webhook] = [connectors.get(code), webhookOf(code)]
    const handshake = connector?.webhook?.handshakes[Number(index)]
    const sample = handshake?.samples?.[Number(number)]
    if (webhook === undefined || handshake === undefined || sample === undefined)
      refuse({ status: 404, error: 'sample_not_found' })
    c.set('mask', maskingOf(connector, configuration).text)
    const url = `${publicUrl}${pathOf(code, installation, shared === true)}`
    return c.json(await preparedHandshake({ webhook, handshake, sample, secrets: configuration, url }))
  })

  function pathOf(code: string, installation: string, isShared: boolean): string {
    return isShared ? connectorWebhookPath(token, code) : webhookPath(token, code, installation)
  }

  async function localActor(c: Ctx): Promise<Actor> {
    const actor = await access(c.req.header('authorization'), c.req.header('x-organization-id'))
    if (actor.caller !== undefined) refuse({ status: 403, error: 'local_token_only' })
    return actor
  }

  async function installedAt(organizationId: string, id: unknown) {
    const installation = typeof id === 'string' && isUuid(id) ? id.toLowerCase() : undefined
    const installed = installation === undefined ? undefined : await runtime.installed(installation)
    if (installation === undefined || installed === undefined || installed.organizationId !== organizationId)
      refuse({ status: 404, error: 'not_installed' })
    return { ...installed, installation }
  }
  return app
}
