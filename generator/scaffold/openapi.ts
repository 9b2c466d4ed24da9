import { isObject } from '../kit/mapping.ts'
import type { VendorDocument } from '../load/vendor-document.ts'
import { documentInfo } from './document-info.ts'
import { DocumentReader } from './document-reader.ts'
import type { ApiDescription, EndpointDraft, EventDraft, ParameterDraft } from './draft.ts'
import { inputsIn } from './inputs.ts'
import { below, entriesOf, type JsonObject, listMember, member, memberAt, textMember } from './json.ts'
import { LONGEST_EVENT_NAME, snakeName, UniqueNames } from './names.ts'
import { cut, plainText } from './plain-text.ts'
import { isRegistryDocument, registryEvent, registryLosses } from './registry-events.ts'
import { authOf } from './security-schemes.ts'
import { isForTests, webAddress } from './web-address.ts'

/** Reads an OpenAPI document, 3.0 or 3.1: servers, security, paths as endpoints, webhooks and callbacks as events. */
export function openApiDraft({ file, value: document }: VendorDocument, wantedAuth?: string): ApiDescription {
  const reader = new OpenApiReader(file, document)
  if (isRegistryDocument(document)) {
    const events = reader.events()
    for (const { what, reason, pointer } of registryLosses(events, document))
      reader.report.add(what, reason, { file, pointer })
    return { ...described(reader, document, file), endpoints: [], events }
  }
  const base = reader.baseUrl()
  const auth = authOf(
    {
      document,
      file,
      references: reader.references,
      report: reader.report,
      address: (text) => webAddress(text, base),
      requiredScopes: listMember(document, 'security').flatMap(scopesOf),
      requirements: reader.requirements(),
    },
    wantedAuth,
  )
  return {
    ...described(reader, document, file),
    ...documentInfo(document),
    ...(base === undefined ? {} : { baseUrl: base }),
    ...(auth === undefined ? {} : { auth }),
    endpoints: reader.endpoints(auth?.type === 'oauth2' ? auth.scopes.map(({ name }) => name) : []),
    events: reader.events(),
  }
}

function described({ references, report }: OpenApiReader, document: unknown, file: string) {
  return {
    kind: 'OpenAPI' as const,
    label: `OpenAPI ${textMember(document, 'openapi')}`,
    files: [file],
    exactNumbers: false,
    references,
    report,
  }
}

function scopesOf(requirement: unknown): readonly string[] {
  if (!isObject(requirement)) return []
  return Object.values(requirement)
    .flatMap((scopes) => (Array.isArray(scopes) ? scopes : []))
    .filter((scope) => typeof scope === 'string')
}

interface Operation {
  readonly method: string
  readonly path: string
  readonly value: JsonObject
  readonly pointer: string
  /** Parameters that stand beside the operation, for all operations of the path. */
  readonly shared: readonly unknown[]
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'options', 'head', 'trace', 'query'] as const
const CALLED: Readonly<Record<string, EndpointDraft['method']>> = {
  get: 'GET',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
}

class OpenApiReader extends DocumentReader {
  /** The first server for production. */
  baseUrl(): string | undefined {
    let base: string | undefined
    for (const [index, server] of listMember(this.document, 'servers').entries()) {
      const written = textMember(server, 'url') ?? ''
      const filled = written.replace(
        /\{([^{}]*)\}/g,
        (whole, name: string) => textMember(memberAt(server, 'variables', name), 'default') ?? whole,
      )
      const address = webAddress(filled.replace(/\/+$/, ''))
      const pointer = below('', 'servers', index)
      if (address === undefined)
        this.note('a server', 'its address is not a complete https address', below(pointer, 'url'))
      else if (isForTests(address, textMember(server, 'description')))
        this.note('a server', 'it is not for production', pointer)
      else if (base !== undefined) this.note('further servers', 'a definition has one address', pointer)
      else {
        base = address
        if (filled !== written)
          this.note(
            'the variables of the server',
            'a definition has one address: their defaults are filled in',
            below(pointer, 'url'),
          )
      }
    }
    return base
  }

  /** Names of security schemes that are needed together: for the whole API first, then for single operations. */
  requirements(): readonly (readonly string[])[] {
    const operations = this.#operations('paths').flatMap(({ value }) => listMember(value, 'security'))
    return [...listMember(this.document, 'security'), ...operations].filter(isObject).map(Object.keys)
  }

  // Endpoints --------------------------------------------------------------------------------------------------------

  endpoints(scopes: readonly string[]): readonly EndpointDraft[] {
    const names = new UniqueNames(40)
    return this.#operations('paths').flatMap((operation) => this.#endpoint(operation, names, scopes))
  }

  #operations(keyword: string): readonly Operation[] {
    return entriesOf(this.document, keyword).flatMap(([path, item]) =>
      this.#operationsOf(path, item, below('', keyword, path)),
    )
  }

  #operationsOf(path: string, item: unknown, pointer: string): readonly Operation[] {
    const found = this.references.follow({ value: item, pointer })
    if ('reason' in found) {
      this.note(`the reference ${cut(found.reference, 80)}`, found.reason, pointer)
      return []
    }
    return METHODS.flatMap((method) => {
      const value = member(found.value, method)
      if (!isObject(value)) return []
      return [
        { method, path, value, pointer: below(found.pointer, method), shared: listMember(found.value, 'parameters') },
      ]
    })
  }

  #endpoint(
    { method, path, value, pointer, shared }: Operation,
    names: UniqueNames,
    known: readonly string[],
  ): readonly EndpointDraft[] {
    const called = CALLED[method]
    if (called === undefined) {
      this.note(
        `the method ${method.toUpperCase()}`,
        'endpoints are called by GET, POST, PUT, PATCH or DELETE',
        pointer,
      )
      return []
    }
    const placeholders = [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name)
    const written = path.replace(/\{([^{}]+)\}/g, (_, name: string) => `{${snakeName(name, 40) ?? 'id'}}`)
    if (
      !/^\/[^\s]*$/.test(written) ||
      written.length > 300 ||
      /[{}]/.test(written.replace(/\{[a-z][a-z0-9_]*\}/g, ''))
    ) {
      this.note(`the path ${cut(plainText(path), 60)}`, 'a definition can hold no path of that form', pointer)
      return []
    }
    const original = textMember(value, 'operationId') ?? `${called} ${path}`
    const summary = plainText(textMember(value, 'summary') ?? textMember(value, 'description') ?? '')
    const described = [...listMember(value, 'parameters'), ...shared]
    const parameters = this.#parameters(described, pointer)
    const { inputs, lost } = inputsIn(described, this.references)
    for (const { name, reason } of lost) this.note(`the parameter "${cut(plainText(name), 60)}"`, reason, pointer)
    return [
      {
        name: names.take(snakeName(textMember(value, 'operationId') ?? `${method} ${path}`, 40) ?? 'endpoint'),
        original,
        also: [`${called} ${path}`, path],
        method: called,
        path: written,
        ...(summary === '' ? {} : { summary: cut(summary, 240) }),
        deprecated: value.deprecated === true,
        scopes: [...new Set(listMember(value, 'security').flatMap(scopesOf))].filter((scope) => known.includes(scope)),
        parameters: placeholders.map((name) => parameters.get(name) ?? { name: snakeName(name, 40) ?? 'id' }),
        inputs,
      },
    ]
  }

  #parameters(written: readonly unknown[], pointer: string): ReadonlyMap<string, ParameterDraft> {
    const parameters = new Map<string, ParameterDraft>()
    for (const value of written) {
      const found = this.references.follow({ value, pointer })
      const parameter = 'reason' in found ? undefined : found.value
      const name = textMember(parameter, 'name')
      if (name === undefined || member(parameter, 'in') !== 'path' || parameters.has(name)) continue
      const description = plainText(textMember(parameter, 'description') ?? '')
      const example = member(parameter, 'example') ?? memberAt(parameter, 'schema', 'example')
      const shown = typeof example === 'string' || typeof example === 'number' ? plainText(String(example)) : ''
      parameters.set(name, {
        name: snakeName(name, 40) ?? 'id',
        ...(description === '' ? {} : { description }),
        ...(shown === '' || shown.length > 120 ? {} : { example: shown }),
      })
    }
    return parameters
  }

  // Events -----------------------------------------------------------------------------------------------------------

  events(): readonly EventDraft[] {
    const names = new UniqueNames(LONGEST_EVENT_NAME)
    const webhooks = ['webhooks', 'x-webhooks'].flatMap((keyword) => this.#operations(keyword))
    return [...webhooks, ...this.#callbacks()].flatMap((operation) => this.#event(operation, names))
  }

  /** Callbacks stand in operations, or are shared; each is called by the name that it has there. */
  #callbacks(): readonly Operation[] {
    const own = this.#operations('paths').flatMap(({ value, pointer }) =>
      entriesOf(value, 'callbacks').map(([name, callback]) => ({
        name,
        value: callback,
        pointer: below(pointer, 'callbacks', name),
      })),
    )
    const shared = entriesOf(member(this.document, 'components'), 'callbacks').map(([name, callback]) => ({
      name,
      value: callback,
      pointer: below('', 'components', 'callbacks', name),
    }))
    const seen = new Set<string>()
    return [...own, ...shared].flatMap(({ name, value, pointer }) => {
      const found = this.references.follow({ value, pointer })
      if ('reason' in found) {
        this.note(`the callback "${cut(plainText(name), 60)}"`, found.reason, pointer)
        return []
      }
      if (seen.has(found.pointer) || !isObject(found.value)) return []
      seen.add(found.pointer)
      return Object.entries(found.value)
        .filter(([expression]) => !expression.startsWith('x-'))
        .flatMap(([expression, item]) => this.#operationsOf(name, item, below(found.pointer, expression)))
    })
  }

  #event({ method, path: original, value, pointer, shared }: Operation, names: UniqueNames): readonly EventDraft[] {
    const what = `the webhook "${cut(plainText(original), 60)}"`
    if (method !== 'post' && method !== 'put' && method !== 'patch') {
      this.note(what, `it is sent by ${method.toUpperCase()}, which has no body`, pointer)
      return []
    }
    const body = this.references.follow({ value: member(value, 'requestBody'), pointer: below(pointer, 'requestBody') })
    const media =
      'reason' in body
        ? undefined
        : entriesOf(body.value, 'content').find(([type]) => /^application\/(?:[\w.+-]*\+)?json\b/i.test(type))
    if ('reason' in body || media === undefined) {
      this.note(what, 'reason' in body ? body.reason : 'its body is not described as JSON', pointer)
      return []
    }
    const [type, content] = media
    const schema = member(content, 'schema') ?? true
    const target = this.references.follow({ value: schema, pointer: below(body.pointer, 'content', type, 'schema') })
    const ours = 'reason' in target ? undefined : registryEvent(target.value)
    const wanted = snakeName(ours?.name ?? original, LONGEST_EVENT_NAME)
    if (wanted === undefined || wanted.length < 2) {
      this.note(what, 'its name has no two letters of which an event could be named', pointer)
      return []
    }
    const summary = plainText(textMember(value, 'summary') ?? '')
    const description = plainText(textMember(value, 'description') ?? '')
    this.#noteSignature([...listMember(value, 'parameters'), ...shared], pointer)
    return [
      {
        name: names.take(wanted),
        original,
        direction: 'inbound',
        ...(summary === '' ? {} : { summary }),
        ...(description === '' ? {} : { description }),
        deprecated: value.deprecated === true,
        schema,
        pointer: below(body.pointer, 'content', type, 'schema'),
        file: this.file,
        examples: this.#examples(content),
        samples: [],
        ...(ours === undefined ? {} : { registry: ours }),
      },
    ]
  }

  #examples(content: unknown): readonly unknown[] {
    const named = entriesOf(content, 'examples').flatMap(([, value]) => {
      const found = this.references.follow({ value, pointer: '' })
      return 'reason' in found || !isObject(found.value) || !Object.hasOwn(found.value, 'value')
        ? []
        : [found.value.value]
    })
    const example = member(content, 'example')
    return example === undefined ? named : [example, ...named]
  }

  /** A header that contains a signature; how it is calculated is not part of OpenAPI. */
  #noteSignature(parameters: readonly unknown[], pointer: string): void {
    for (const value of parameters) {
      const found = this.references.follow({ value, pointer })
      const name = 'reason' in found ? undefined : textMember(found.value, 'name')
      if ('reason' in found || name === undefined || member(found.value, 'in') !== 'header') continue
      if (/signature|hmac/i.test(name))
        this.note(
          `the signature in the header ${cut(plainText(name), 60)}`,
          'the document does not describe how it is calculated',
          pointer,
        )
    }
  }
}
