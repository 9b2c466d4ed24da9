import type { OutputFile } from '../../model/connector.ts'
import { protections } from '../../vocabulary/signatures.ts'
import { secretFields } from './connector-page.ts'
import type { ConnectorSummary, Guide } from './connector-summary.ts'
import { formatDuration } from './format-limits.ts'
import { connectorLink, guidePage } from './guide-page.ts'
import type { Markdown } from './markdown.ts'
import { code, codes, nothing, table, text } from './markdown.ts'

/** The guide's security advice, and what it means for each connector. */
export function securityPage({ connectors }: Guide): OutputFile {
  return guidePage(
    {
      name: 'security',
      title: 'Security best practices',
      description: 'Verify webhooks, look after tokens, and treat personal data with care.',
    },
    {
      signatures: table(
        ['connector', 'scheme', 'algorithm', 'header', 'key', 'replay window'],
        connectors.flatMap(signatureRows),
      ),
      secrets: table(
        ['connector', 'keep secret', 'how tokens are renewed'],
        connectors.map((connector) => [
          connectorLink(connector, '#authentication'),
          secretFields(connector.auth),
          text(connector.auth.refresh?.description ?? 'nothing to renew'),
        ]),
      ),
      privacy: table(
        ['connector', 'personal data', 'retention', 'terms', 'when asked to delete'],
        connectors.flatMap(privacyRows),
      ),
    },
  )
}

function privacyRows(connector: ConnectorSummary): readonly (readonly Markdown[])[] {
  if (connector.privacy === undefined) return []
  const { personal_data, retention, legal, deletion = '' } = connector.privacy
  const cells = [codes(personal_data), text(retention.description), text(legal), text(deletion)]
  return [[connectorLink(connector, '#security-and-privacy'), ...cells]]
}

function signatureRows(connector: ConnectorSummary): readonly (readonly Markdown[])[] {
  return connector.signatures.map(
    ({ name, algorithm, signature, secret, timestamp, protected_by = [], weak = false }) => [
      connectorLink(connector, '#signatures'),
      text(weak ? `${name} (weak)` : name),
      code(algorithm),
      codes(typeof signature?.at === 'string' ? [signature.at] : (signature?.at ?? [])),
      secret === undefined ? nothing : code(secret),
      algorithm === 'none'
        ? text(`warning: nothing is signed; ${protected_by.map((one) => protections[one]).join('; ')}`)
        : text(
            timestamp === undefined
              ? 'none: the idempotency key protects'
              : formatDuration(timestamp.tolerance_seconds),
          ),
    ],
  )
}
