import { describe, expect, test } from 'vitest'
import { parseBody } from '../../generator/kit/body.ts'
import { parseXml } from '../../generator/kit/xml.ts'

const read = (content_types: readonly string[], body: string, header?: string) =>
  parseBody({ content_types, parseXml }, body, header)

describe('the form of a body', () => {
  test.each<[string, readonly string[], string, string | undefined, unknown]>([
    ['JSON', ['application/json'], '{"a":1}', 'application/json; charset=utf-8', { a: 1 }],
    ['JSON of another type', ['application/json'], '{"a":1}', 'application/cloudevents+json', { a: 1 }],
    ['JSON as plain text (AWS SNS)', ['text/plain'], '{"a":1}', 'text/plain; charset=UTF-8', { a: 1 }],
    ['a form', ['application/x-www-form-urlencoded'], 'a=1&b=2&b=3', undefined, { a: '1', b: ['2', '3'] }],
    ['XML', ['text/xml'], '<a:x xmlns:a="u"><b n="1">t</b><b/></a:x>', 'application/xml', expect.anything()],
    ['no body (Google Calendar)', ['none'], '', undefined, null],
  ])('%s', async (_, types, body, header, value) => {
    expect(await read(types, body, header)).toMatchObject({ readable: true, value })
  })

  test('XML becomes elements, attributes and text', async () => {
    const parsed = await read(['text/xml'], '<a:x xmlns:a="u"><b n="1">t</b><b>007</b></a:x>', 'text/xml')
    expect(parsed).toMatchObject({ value: { x: { b: [{ '#text': 't', '@n': '1' }, '007'] } } })
  })

  test('multipart has fields and files', async () => {
    const form = new FormData()
    form.append('json', '{"a":1}')
    form.append('file', new File(['hi'], 'a.txt', { type: 'text/plain' }))
    const response = new Response(form)
    const header = response.headers.get('content-type') ?? ''
    expect(await read(['multipart/form-data'], await response.text(), header)).toMatchObject({
      readable: true,
      value: { json: '{"a":1}', file: { filename: 'a.txt', content_type: 'text/plain', base64: 'aGk=' } },
    })
  })

  test.each<[string, readonly string[], string, string | undefined, string]>([
    ['another type', ['application/json'], 'a=1', 'application/x-www-form-urlencoded', 'unsupported_content_type'],
    ['plain text where JSON is listed', ['application/json'], '{}', 'text/plain', 'unsupported_content_type'],
    ['an empty body', ['application/json'], '', undefined, 'empty_body'],
    ['JSON with a comma too many', ['application/json'], '{"a":1,}', undefined, 'malformed_body'],
    ['multipart without its boundary', ['multipart/form-data'], 'x', 'multipart/form-data', 'malformed_body'],
    ['XML that is not closed', ['text/xml'], '<a><b></a>', undefined, 'malformed_body'],
    ['a document type', ['text/xml'], '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', undefined, 'malformed_body'],
  ])('%s is refused', async (_, types, body, header, reason) => {
    expect(await read(types, body, header)).toEqual({ readable: false, reason })
  })
})
