/** A shop that is out of order every other time, and a collector that prints traces. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** A span as it is printed. */
export interface PrintedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string | undefined
  readonly service: string
  readonly text: string
}

/** A server that listens. */
export interface Listening extends AsyncDisposable {
  readonly url: string
}

/** A collector, with all that it has got. */
export interface Collector extends Listening {
  readonly spans: readonly PrintedSpan[]
}

/** @param onSpans Told when there is something new. */
export async function startCollector(
  port: number,
  onSpans: (spans: readonly PrintedSpan[]) => void,
): Promise<Collector> {
  const spans: PrintedSpan[] = []
  const server = await listen(port, async (request, response) => {
    const come = readSpans(await json(request))
    response.setHeader('content-type', 'application/json').end('{}')
    spans.push(...come)
    onSpans(come)
  })
  return { ...server, spans }
}

/** @param collector Where it sends its own spans, as a program with an SDK would. */
export async function startShop(port: number, collector: string): Promise<Listening> {
  let visits = 0
  return listen(port, async ({ method, url = '', headers }, response) => {
    const status = visits++ % 2 === 0 ? 503 : 200
    const [, traceId, parentSpanId] = String(headers.traceparent).split('-')
    const start = nanoseconds()
    const attributes = [{ key: 'http.response.status_code', value: { intValue: String(status) } }]
    const span = {
      traceId,
      spanId: `5409${String(visits).padStart(12, '0')}`,
      parentSpanId,
      name: `${method} ${url}`,
      kind: 2,
      startTimeUnixNano: start,
      endTimeUnixNano: nanoseconds(),
      attributes,
    }
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }
    const body = { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }
    await fetch(`${collector}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    response.writeHead(status).end(status === 200 ? 'an empty basket\n' : 'out of order\n')
  })
}

/** The time of day, as spans have it. */
function nanoseconds(): string {
  return String(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n)
}

/** One line for each span, those that belong below another one further in. */
export function treeOf(spans: readonly PrintedSpan[], traceId: string): string[] {
  const own = spans.filter((span) => span.traceId === traceId)
  const known = new Set(own.map(({ spanId }) => spanId))
  const below = (parent: string | undefined, indent: string): string[] =>
    own
      .filter(({ parentId = '' }) => (known.has(parentId) ? parentId : undefined) === parent)
      .flatMap(({ spanId, service, text }) => [
        `${indent}${service}  ${text}`,
        ...below(spanId, `${indent}  `),
      ])
  return below(undefined, '')
}

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>

async function listen(port: number, handle: Handle): Promise<Listening> {
  const server: Server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(port, '127.0.0.1', resolve)
  await promise
  // It listens.
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${bound}`,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      server.closeAllConnections()
      await closed.promise
    },
  }
}

function readSpans(message: unknown): PrintedSpan[] {
  return list(message, 'resourceSpans').flatMap((group) => {
    const service = attribute(member(group, 'resource'), 'service.name') ?? '?'
    return list(group, 'scopeSpans').flatMap((scope) =>
      list(scope, 'spans').map((span) => ({
        traceId: textIn(span, 'traceId') ?? '',
        spanId: textIn(span, 'spanId') ?? '',
        parentId: textIn(span, 'parentSpanId'),
        service,
        text: textOf(span),
      })),
    )
  })
}

function textOf(span: unknown): string {
  const status = attribute(span, 'http.response.status_code')
  const start = BigInt(textIn(span, 'startTimeUnixNano') ?? 0)
  const end = BigInt(textIn(span, 'endTimeUnixNano') ?? 0)
  const took = `${(Number(end - start) / 1e6).toFixed(1)} ms`
  const name = textIn(span, 'name')
  return [name, status, took].filter((part) => part !== undefined).join('  ')
}

function attribute(owner: unknown, key: string): string | undefined {
  const found = list(owner, 'attributes').find((entry) => member(entry, 'key') === key)
  const value = member(found, 'value')
  return textIn(value, 'stringValue') ?? textIn(value, 'intValue')
}

function list(owner: unknown, name: string): unknown[] {
  const value = member(owner, name)
  return Array.isArray(value) ? value : []
}

function textIn(owner: unknown, name: string): string | undefined {
  const value = member(owner, name)
  return typeof value === 'string' ? value : undefined
}

function member(owner: unknown, name: string): unknown {
  return typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined
}

if (import.meta.main) {
  const collector = await startCollector(4318, (come) => {
    for (const traceId of new Set(come.map((span) => span.traceId))) {
      const lines = treeOf(collector.spans, traceId)
      process.stdout.write(`${[traceId, ...lines.map((line) => `  ${line}`)].join('\n')}\n\n`)
    }
  })
  await startShop(9001, collector.url)
  process.stdout.write('the shop listens at 9001, the collector at 4318\n')
}
