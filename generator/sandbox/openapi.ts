import type { Registry } from '../model/connector.ts'
import { openapi } from '../targets/json/openapi.ts'

/** The description of the three endpoints as this server has them, with its webhooks. */
export function sandboxOpenapi(registry: Registry, url: string): object {
  const document = openapi(registry)
  return {
    ...document,
    servers: [{ url, description: 'The local runtime.' }],
    paths: {
      ...document.paths,
      '/webhooks/{connector}/{installation}/{key}': {
        parameters: [
          {
            name: 'connector',
            in: 'path',
            required: true,
            description: 'The code of the connector.',
            schema: { enum: registry.connectors.map(({ code }) => code) },
          },
          {
            name: 'installation',
            in: 'path',
            required: true,
            description: 'The id that INSTALL answered.',
            schema: { type: 'string', format: 'uuid' },
          },
          {
            name: 'key',
            in: 'path',
            required: true,
            description: 'Makes the address unguessable; the hub shows it.',
            schema: { type: 'string', pattern: '^[0-9a-f]{32}$' },
          },
        ],
        get: webhook('handshake', 'Answers the request by which a vendor checks the address.'),
        post: {
          ...webhook('deliver', 'Takes a delivery of the vendor, signed as the connector says.'),
          requestBody: { required: true, content: { 'application/json': {}, 'application/x-www-form-urlencoded': {} } },
        },
      },
    },
  }
}

function webhook(operationId: string, summary: string): object {
  const refused = (description: string) => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/error' } } },
  })
  return {
    operationId,
    summary,
    security: [],
    responses: {
      200: { description: 'Taken.' },
      400: refused('The delivery cannot be read.'),
      401: refused('The signature is missing, wrong or too old.'),
      403: refused('The handshake does not know the verify token, or a page of another origin sent the request.'),
      404: refused('The connector is not installed there.'),
      405: refused('The vendor uses another method.'),
      408: refused('The delivery does not arrive in time.'),
      413: refused('The delivery is larger than the vendor sends.'),
      415: refused('The vendor writes another content type.'),
      500: refused('The installation lacks the secret by which deliveries are verified.'),
      503: refused('It could not be recorded, or the server is busy: the vendor sends it again.'),
    },
  }
}
