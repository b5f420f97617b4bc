import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as a collector reads it. */
export interface ReadSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly traceState: string | undefined
  readonly flags: number
  readonly name: string
  readonly kind: number
  /** In milliseconds. */
  readonly durationMs: number
  readonly startMs: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: readonly unknown[]
  readonly failed: boolean
  readonly resource: Readonly<Record<string, unknown>>
}

/** How a collector answers. */
export type Answer = (response: ServerResponse, index: number) => void

/** A collector that takes OTLP as JSON over HTTP and understands every part of it, or complains. */
export class TestCollector implements AsyncDisposable {
  readonly spans: ReadSpan[] = []
  /** How many there were in each message. */
  readonly batches: number[] = []
  readonly requests: { readonly url: string; readonly headers: IncomingMessage['headers'] }[] = []
  readonly problems: unknown[] = []
  answer: Answer
  readonly #server = createServer((request, response) => void this.#take(request, response))

  constructor(answer: Answer) {
    this.answer = answer
  }

  get url(): string {
    // It listens.
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  async listen(): Promise<this> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.listen(0, '127.0.0.1', resolve)
    await promise
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    this.#server.closeAllConnections()
    await promise
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      let text = ''
      for await (const piece of request.setEncoding('utf8')) text += String(piece)
      const { url = '', headers } = request
      this.requests.push({ url, headers })
      response.on('finish', () => {
        if (response.statusCode !== 200) return
        const spans = readSpans(text)
        this.spans.push(...spans)
        this.batches.push(spans.length)
      })
      this.answer(response, this.requests.length - 1)
    } catch (error) {
      this.problems.push(error)
    }
  }
}

/** Starts one that takes everything, or answers otherwise. */
export function startCollector(answer: Answer = take): Promise<TestCollector> {
  return new TestCollector(answer).listen()
}

/** Takes everything. */
export function take(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}')
}

function readSpans(text: string): ReadSpan[] {
  return list(JSON.parse(text), 'resourceSpans').flatMap((group) => {
    const resource = attributesOf(member(group, 'resource'))
    return list(group, 'scopeSpans').flatMap((scope) =>
      list(scope, 'spans').map((span) => readSpan(span, resource)),
    )
  })
}

const known = new Set([
  'traceId',
  'spanId',
  'parentSpanId',
  'traceState',
  'flags',
  'name',
  'kind',
  'startTimeUnixNano',
  'endTimeUnixNano',
  'attributes',
  'links',
  'status',
])

function readSpan(span: unknown, resource: ReadSpan['resource']): ReadSpan {
  const unknown = Object.keys(Object(span)).filter((key) => !known.has(key))
  if (unknown.length > 0) throw new Error(`no span has ${unknown.join(', ')}`)
  const start = time(member(span, 'startTimeUnixNano'))
  const end = time(member(span, 'endTimeUnixNano'))
  if (end < start) throw new Error('it ended before it began')
  return {
    traceId: id(member(span, 'traceId'), 32),
    spanId: id(member(span, 'spanId'), 16),
    parentSpanId: optional(member(span, 'parentSpanId'), (value) => id(value, 16)),
    traceState: optional(member(span, 'traceState'), String),
    flags: Number(member(span, 'flags')),
    name: String(member(span, 'name')),
    kind: Number(member(span, 'kind')),
    startMs: Number(start / 1_000_000n),
    durationMs: Number(end - start) / 1e6,
    attributes: attributesOf(span),
    links: member(span, 'links') === undefined ? [] : list(span, 'links'),
    failed: member(member(span, 'status'), 'code') === 2,
    resource,
  }
}

function attributesOf(owner: unknown): Record<string, unknown> {
  const entries = list(owner, 'attributes').map((attribute) => {
    const key = String(member(attribute, 'key'))
    return [key, valueOf(member(attribute, 'value'))] as const
  })
  if (new Set(entries.map(([key]) => key)).size < entries.length) {
    throw new Error(`an attribute stands twice: ${entries.map(([key]) => key).join(', ')}`)
  }
  return Object.fromEntries(entries)
}

function valueOf(value: unknown): unknown {
  const [form, content] = Object.entries(Object(value))[0] ?? []
  if (form === 'stringValue' && typeof content === 'string') return content
  if (form === 'boolValue' && typeof content === 'boolean') return content
  if (form === 'intValue' && /^-?\d+$/.test(String(content))) return Number(content)
  if (form === 'doubleValue' && typeof content === 'number') return content
  if (form === 'arrayValue') return list(content, 'values').map(valueOf)
  throw new Error(`${JSON.stringify(value)} is no value`)
}

function id(value: unknown, length: number): string {
  const text = String(value)
  if (text.length === length && /^[\da-f]+$/.test(text)) return text
  throw new Error(`${text} is no id`)
}

function time(value: unknown): bigint {
  const text = String(value)
  if (typeof value === 'string' && /^\d{19}$/.test(text)) return BigInt(text)
  throw new Error(`${text} is no time`)
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(value)
}

function member(owner: unknown, name: string): unknown {
  return typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined
}

function list(owner: unknown, name: string): unknown[] {
  const value = member(owner, name)
  if (Array.isArray(value)) return value
  throw new Error(`${name} is no list`)
}
