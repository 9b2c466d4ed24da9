import { isObject } from '../kit/mapping.ts'
import type { VendorDocument } from '../load/vendor-document.ts'
import { documentInfo } from './document-info.ts'
import { DocumentReader } from './document-reader.ts'
import type { ApiDescription, EventDraft } from './draft.ts'
import { below, entriesOf, listMember, member, memberAt, textMember } from './json.ts'
import { LONGEST_EVENT_NAME, snakeName, UniqueNames } from './names.ts'
import { cut, plainText } from './plain-text.ts'
import type { Found } from './references.ts'
import { authOf } from './security-schemes.ts'
import { isForTests, webAddress } from './web-address.ts'

/** Reads an AsyncAPI document, 2 or 3: messages as events. */
export function asyncApiDraft({ file, value: document }: VendorDocument, wantedAuth?: string): ApiDescription {
  const reader = new AsyncApiReader(file, document)
  const base = reader.baseUrl()
  const { references, report } = reader
  const source = {
    document,
    file,
    references,
    report,
    address: (text: string) => webAddress(text, base),
    requiredScopes: [],
    // Version 2 lists alternatives, and version 3 cannot say that schemes are needed together.
    requirements: [],
  }
  const auth = authOf(source, wantedAuth)
  return {
    kind: 'AsyncAPI',
    label: `AsyncAPI ${textMember(document, 'asyncapi')}`,
    files: [file],
    ...documentInfo(document),
    ...(base === undefined ? {} : { baseUrl: base }),
    ...(auth === undefined ? {} : { auth }),
    endpoints: [],
    events: reader.events(),
    exactNumbers: false,
    references,
    report,
  }
}

interface Message extends Found {
  readonly name: string
  readonly direction: EventDraft['direction']
}

class AsyncApiReader extends DocumentReader {
  /** Messages by the place where they stand. */
  readonly #messages = new Map<string, Message>()

  /** A server is called by https or not at all: brokers speak protocols that no endpoint of a connector does. */
  baseUrl(): string | undefined {
    let base: string | undefined
    for (const [name, value] of entriesOf(this.document, 'servers')) {
      const pointer = below('', 'servers', name)
      const protocol = textMember(value, 'protocol') ?? 'none'
      const [host, path = ''] = [textMember(value, 'host'), textMember(value, 'pathname')]
      const written = textMember(value, 'url') ?? (host === undefined ? '' : `${protocol}://${host}${path}`)
      const address = webAddress((written.includes('://') ? written : `${protocol}://${written}`).replace(/\/+$/, ''))
      if (address === undefined)
        this.note(
          `a server for ${cut(plainText(protocol), 20)}`,
          'its address is not a complete https address',
          pointer,
        )
      else if (isForTests(address, textMember(value, 'description')))
        this.note('a server', 'it is not for production', pointer)
      else if (base !== undefined) this.note('further servers', 'a definition has one address', pointer)
      else base = address
    }
    return base
  }

  events(): readonly EventDraft[] {
    this.#fromChannels()
    this.#fromOperations()
    for (const [name, value] of entriesOf(member(this.document, 'components'), 'messages'))
      this.#add(
        { value, pointer: below('', 'components', 'messages', name) },
        { name, direction: 'inbound', isKnown: true },
      )
    const names = new UniqueNames(LONGEST_EVENT_NAME)
    return [...this.#messages.values()].flatMap((message) => this.#event(message, names))
  }

  #fromChannels(): void {
    for (const [channel, value] of entriesOf(this.document, 'channels')) {
      const found = this.references.follow({ value, pointer: below('', 'channels', channel) })
      if ('reason' in found) {
        this.note(`the channel "${cut(plainText(channel), 60)}"`, found.reason, below('', 'channels', channel))
        continue
      }
      // Version 2 speaks from the client's side: it subscribes to what the vendor sends.
      for (const [operation, direction] of [
        ['subscribe', 'inbound'],
        ['publish', 'outbound'],
      ] as const) {
        const message = memberAt(found.value, operation, 'message')
        const name = textMember(member(found.value, operation), 'operationId') ?? channel
        if (message !== undefined)
          this.#add({ value: message, pointer: below(found.pointer, operation, 'message') }, { name, direction })
      }
    }
  }

  /** Version 3 speaks from the vendor's side: it sends what we receive. */
  #fromOperations(): void {
    for (const [id, value] of entriesOf(this.document, 'operations')) {
      const direction = textMember(value, 'action') === 'receive' ? 'outbound' : 'inbound'
      const pointer = below('', 'operations', id)
      const chosen = listMember(value, 'messages')
      for (const [index, message] of chosen.entries())
        this.#add({ value: message, pointer: below(pointer, 'messages', index) }, { name: id, direction })
      const channel = this.references.follow({ value: member(value, 'channel'), pointer: below(pointer, 'channel') })
      if (chosen.length > 0 || 'reason' in channel) continue
      for (const [name, message] of entriesOf(channel.value, 'messages'))
        this.#add({ value: message, pointer: below(channel.pointer, 'messages', name) }, { name, direction })
    }
    for (const [id, channel] of entriesOf(this.document, 'channels')) {
      for (const [name, message] of entriesOf(channel, 'messages'))
        this.#add(
          { value: message, pointer: below('', 'channels', id, 'messages', name) },
          { name, direction: 'inbound', isKnown: true },
        )
    }
  }

  /** What several places refer to is one message; `isKnown` says that another place may have said its direction. */
  #add(
    place: Found,
    { name, direction, isKnown = false }: { name: string; direction: EventDraft['direction']; isKnown?: boolean },
  ): void {
    const found = this.references.follow(place)
    if ('reason' in found) {
      this.note(`the message "${cut(plainText(name), 60)}"`, found.reason, place.pointer)
      return
    }
    const choices = listMember(found.value, 'oneOf')
    if (choices.length > 0) {
      for (const [index, value] of choices.entries())
        this.#add({ value, pointer: below(found.pointer, 'oneOf', index) }, { name: `${name} ${index + 1}`, direction })
      return
    }
    const known = this.#messages.get(found.pointer)
    const [, shared] = /\/messages\/([^/]*[^/\d][^/]*)$/.exec(found.pointer) ?? []
    const called = textMember(found.value, 'name') ?? textMember(found.value, 'messageId') ?? shared ?? name
    if (known === undefined) this.#messages.set(found.pointer, { ...found, name: called, direction })
    else if (!isKnown && direction === 'inbound') this.#messages.set(found.pointer, { ...known, direction })
  }

  #event({ value, pointer, name: original, direction }: Message, names: UniqueNames): readonly EventDraft[] {
    const what = `the message "${cut(plainText(original), 60)}"`
    const { payload, format, at } = payloadOf(value, pointer)
    const wanted = snakeName(original, LONGEST_EVENT_NAME)
    const refusal = this.#refusalOf(value, payload, format)
    if (refusal !== undefined || wanted === undefined || wanted.length < 2) {
      this.note(what, refusal ?? 'its name has no two letters of which an event could be named', pointer)
      return []
    }
    if (member(value, 'headers') !== undefined)
      this.note('headers of messages', 'event data are made of the body', below(pointer, 'headers'))
    const summary = plainText(textMember(value, 'summary') ?? textMember(value, 'title') ?? '')
    const description = plainText(textMember(value, 'description') ?? '')
    return [
      {
        name: names.take(wanted),
        original,
        direction,
        ...(summary === '' ? {} : { summary }),
        ...(description === '' ? {} : { description }),
        deprecated: false,
        schema: payload,
        pointer: at,
        file: this.file,
        examples: listMember(value, 'examples').flatMap((example) => {
          if (!isObject(example)) return []
          return Object.hasOwn(example, 'payload') ? [example.payload] : []
        }),
        samples: [],
      },
    ]
  }

  #refusalOf(message: unknown, payload: unknown, format: string | undefined): string | undefined {
    if (payload === undefined) return 'it has no payload'
    if (format !== undefined && !/asyncapi|schema\+(?:json|yaml)|openapi/.test(format))
      return `its payload is described in ${cut(plainText(format), 60)}, not in JSON Schema`
    const type = textMember(message, 'contentType') ?? textMember(this.document, 'defaultContentType')
    return type === undefined || /json/i.test(type) ? undefined : `its payload is ${cut(plainText(type), 60)}, not JSON`
  }
}

/** Version 3 can say beside the schema in which language it is written. */
function payloadOf(
  message: unknown,
  pointer: string,
): { readonly payload: unknown; readonly format: string | undefined; readonly at: string } {
  const payload = member(message, 'payload')
  const format = textMember(message, 'schemaFormat')
  const own = textMember(payload, 'schemaFormat')
  if (own === undefined) return { payload, format, at: below(pointer, 'payload') }
  return { payload: member(payload, 'schema'), format: own, at: below(pointer, 'payload', 'schema') }
}
