import { describe, expect, test } from 'vitest'
import { acme, edit, findingsIn } from '../../support/acme.ts'

describe('authentication that connectors do not support is refused with a sentence', () => {
  test.each([
    ['oauth1', 'OAuth 1.0a is not supported: each request has to be signed'],
    ['oauth_1.0a', 'OAuth 1.0a is not supported: each request has to be signed'],
    ['aws_sigv4', 'AWS Signature Version 4 is not supported: use the SDK of AWS'],
    ['sigv4', 'AWS Signature Version 4 is not supported: use the SDK of AWS'],
    ['mtls', 'client certificates (mTLS) are not supported'],
    ['client_certificate', 'client certificates (mTLS) are not supported'],
  ])('as the type: %s', (written, sentence) => {
    const [finding, ...more] = findingsIn({ 'acme-crm.yaml': edit(acme, ['type: oauth2', `type: ${written}`]) })
    expect(more).toEqual([])
    expect(finding).toMatchObject({ code: 'schema/enum', span: { start: { line: 31 } } })
    expect(finding?.message).toContain(`"${written}" cannot be described: ${sentence}`)
  })

  test('as the authentication of the client', () => {
    const written = edit(acme, ['    pkce: true\n', '    pkce: true\n    client_authentication: tls_client_auth\n'])
    const messages = findingsIn({ 'acme-crm.yaml': written }).map(({ message }) => message)
    expect(messages).toEqual([expect.stringContaining('client certificates (mTLS) are not supported')])
  })

  test('elsewhere such a word is only not one of the values', () => {
    const messages = findingsIn({ 'acme-crm.yaml': edit(acme, ['status: active', 'status: mtls']) }).map(
      ({ message }) => message,
    )
    expect(messages).toEqual(['"mtls" is not one of the values allowed here'])
  })
})
