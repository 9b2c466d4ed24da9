import { Hono } from 'hono'
import { sign } from '../kit/sign.ts'
import type { ApiOptions, Variables } from './api.ts'
import { preparedHandshake } from './handshake-simulation.ts'
import { refuse } from './problem.ts'
import { bodyText, parsedBody } from './validation.ts'

/** Bytes: a delivery as large as vendors send, as a text in JSON. */
const LARGEST = 8 * 1024 * 1024

/** Where `simulate` asks by which address vendors know this server. */
export const STATUS = '/dev/status'
/** Where `simulate` has a delivery signed: the secrets stay in the runtime. */
export const SIGN = '/dev/sign'

/** `simulate` gets sample handshakes here, prepared with the secrets of an installation. */
export const HANDSHAKE = '/dev/handshake'

export interface SigningOptions extends Pick<ApiOptions, 'access' | 'runtime' | 'serverState'> {
  readonly publicUrl: string
}

/** Signs a delivery as the vendor of an installation does. For the local token, and its organizations, alone. */
export function signing({ access, runtime, serverState, publicUrl }: SigningOptions): Hono<{ Variables: Variables }> {
  const app = new Hono<{ Variables: Variables }>()
  app.get(STATUS, async (c) => {
    await access(c.req.header('authorization'), c.req.header('x-organization-id'))
    return c.json({ public_url: publicUrl })
  })
  app.post(SIGN, async (c) => {
    const { organizationId, caller } = await access(c.req.header('authorization'), c.req.header('x-organization-id'))
    if (caller !== undefined) refuse({ status: 403, error: 'local_token_only' })
    const { installation_id, method, url, headers, body, scheme, now, isWrong } = parsedBody(
      await bodyText(c.req.raw, LARGEST),
    )
    const known = await runtime.installed(String(installation_id)).catch(() => undefined)
    const webhook = known && serverState().webhookOf(known.code)
    if (known === undefined || webhook === undefined || known.organizationId !== organizationId)
      refuse({ status: 404, error: 'not_installed' })
    const signing = await sign(
      webhook,
      {
        ...{ method: String(method), url: String(url), body: String(body) },
        headers: typeof headers === 'object' ? (headers as Record<string, string>) : {},
      },
      known.configuration,
      {
        scheme: typeof scheme === 'string' ? scheme : undefined,
        now: typeof now === 'number' ? now : undefined,
        isWrong: isWrong === true,
      },
    )
    return c.json(signing.signed ? { ...signing, body: new TextDecoder().decode(signing.body) } : signing)
  })
  app.post(HANDSHAKE, async (c) => {
    const { organizationId, caller } = await access(c.req.header('authorization'), c.req.header('x-organization-id'))
    if (caller !== undefined) refuse({ status: 403, error: 'local_token_only' })
    const { installation_id, handshake: index, sample: number, url } = parsedBody(await bodyText(c.req.raw, LARGEST))
    const known = await runtime.installed(String(installation_id)).catch(() => undefined)
    const { registry, webhookOf } = serverState()
    const webhook = known && webhookOf(known.code)
    const connector = registry.connectors.find(({ code }) => code === known?.code)
    const handshake = connector?.webhook.handshakes[Number(index)]
    const sample = handshake?.samples?.[Number(number)]
    if (known === undefined || webhook === undefined || known.organizationId !== organizationId)
      refuse({ status: 404, error: 'not_installed' })
    if (handshake === undefined || sample === undefined) refuse({ status: 404, error: 'sample_not_found' })
    return c.json(
      await preparedHandshake({ webhook, handshake, sample, secrets: known.configuration, url: String(url) }),
    )
  })
  return app
}
