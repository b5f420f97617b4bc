import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessLogOf } from '@gatewright/plugin-access-log'
import { metricsOf } from '@gatewright/plugin-metrics'
import {
  chunked,
  closeBeforeResponse,
  connect,
  deadUrl,
  hang,
  reply,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

let file = ''
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-accounting-'))
  file = join(folder, 'access.log')
})
afterEach(() => rm(folder, { recursive: true }))

describe('metrics and access log', () => {
  it('have every request once, however it ends', async () => {
    await using upstream = await startUpstream([reply(200), hang()])
    await using gateway = await start(upstream.url, await deadUrl())

    expect((await gateway.request('/limited')).status).toBe(200)
    expect((await gateway.request('/limited')).status).toBe(429)
    expect((await gateway.request('/dead')).status).toBe(502)
    expect((await gateway.request('/nowhere')).status).toBe(404)
    const leaving = await connect(gateway.port())
    await leaving.send('GET /app HTTP/1.1\r\nHost: a.test\r\n\r\n')
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(2))
    leaving.reset()
    using malformed = await connect(gateway.port())
    await malformed.send('GET / HTTP/1.1\r\nHost : a.test\r\n\r\n')
    expect((await malformed.readResponse()).status).toBe(400)

    expect(await scrapeOf(gateway, 'gateway_requests_total', 6)).toMatchObject({
      'gateway_responses_total{status_class="2xx"}': 1,
      'gateway_responses_total{status_class="3xx"}': 0,
      'gateway_responses_total{status_class="4xx"}': 4,
      'gateway_responses_total{status_class="5xx"}': 1,
    })
    const lines = await linesOf(gateway, 6)
    const statuses = lines.map(({ status }) => status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 400, 404, 429, 499, 502])
  })

  it('have the bytes and the time of a stream of events', async () => {
    const events = Array.from({ length: 10 }, (_, i) => `data: ${i}${'x'.repeat(91)}\n\n`)
    await using upstream = await startUpstream(
      chunked(200, { 'content-type': 'text/event-stream' }, events),
    )
    await using gateway = await start(upstream.url)

    const { text } = await gateway.request('/app')

    expect(text).toHaveLength(1000)
    expect(await scrapeOf(gateway, 'gateway_requests_total', 1)).toMatchObject({
      gateway_response_bytes_total: 1000,
    })
    const [line] = await linesOf(gateway, 1)
    expect(line).toMatchObject({ status: 200, response_bytes: 1000 })
    expect(line?.duration_ms).toBeGreaterThanOrEqual(line?.ttfb_ms ?? Number.POSITIVE_INFINITY)
  })

  it('have one request and two tries if it was tried again', async () => {
    await using upstream = await startUpstream([closeBeforeResponse(), reply(200)])
    await using gateway = await start(upstream.url)

    expect((await gateway.request('/again')).status).toBe(200)

    const backend = `service="app",backend="${upstream.url}"`
    expect(await scrapeOf(gateway, 'gateway_requests_total', 1)).toMatchObject({
      [`gateway_backend_requests_total{${backend}}`]: 2,
      'gateway_retries_total{router="again",reason="reset"}': 1,
    })
    const [line] = await linesOf(gateway, 1)
    expect(line?.attempts).toMatchObject([
      { backend: upstream.url, status: null, error: 'GW_UPSTREAM_RESET' },
      { backend: upstream.url, status: 200, error: null },
    ])
  })

  it('have no more series after 10,000 hosts, paths and methods', {
    timeout: 120_000,
  }, async () => {
    await using upstream = await startUpstream()
    await using gateway = await start(upstream.url)
    using client = await connect(gateway.port())
    const send = async (from: number, count: number): Promise<void> => {
      const requests = Array.from({ length: count }, (_, i) => requestOf(from + i))
      await client.send(requests.join(''))
      for (let i = 0; i < count; i++) expect((await client.readResponse()).status).toBe(404)
    }
    await send(0, 100)
    const before = Object.keys(await scrapeOf(gateway, 'gateway_requests_total', 100))

    for (let from = 100; from < 10_100; from += 100) await send(from, 100)

    const after = Object.keys(await scrapeOf(gateway, 'gateway_requests_total', 10_100))
    expect(after.filter(isOwn)).toEqual(before.filter(isOwn))
  })
})

/** Of clients that want to make series. */
function requestOf(n: number): string {
  const method = n % 3 === 0 ? `M${n}` : 'GET'
  return `${method} /nowhere/${n}?${n} HTTP/1.1\r\nHost: h${n}.test\r\nUser-Agent: ${n}\r\n\r\n`
}

function isOwn(name: string): boolean {
  return name.startsWith('gateway_')
}

function start(url: string, dead: string = url): Promise<TestGateway> {
  const routers = { limited: 'limit', again: 'again', app: undefined, dead: undefined }
  return startGateway({
    observability: { access_log: { output: file } },
    entrypoints: { web: { address: '127.0.0.1:0' } },
    middlewares: {
      limit: { type: 'rate-limit', rate: 1, burst: 1 },
      again: { type: 'retry' },
    },
    routers: Object.fromEntries(
      Object.entries(routers).map(([name, middleware]) => [
        name,
        {
          rule: `PathPrefix(\`/${name}\`)`,
          service: name === 'dead' ? 'dead' : 'app',
          middlewares: middleware === undefined ? [] : [middleware],
        },
      ]),
    ),
    services: {
      app: { load_balancer: { servers: [{ url }] }, streaming: {} },
      dead: { load_balancer: { servers: [{ url: dead }] } },
    },
  })
}

/** All values, by name and labels, once one of them is as it should be. */
function scrapeOf(
  { gateway }: TestGateway,
  name: string,
  value: number,
): Promise<Readonly<Record<string, number>>> {
  return vi.waitFor(async () => {
    const text = (await metricsOf(gateway)?.text()) ?? ''
    const values = Object.fromEntries(
      text
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => {
          const at = line.lastIndexOf(' ')
          return [line.slice(0, at), Number(line.slice(at + 1))]
        }),
    )
    expect(values).toMatchObject({ [name]: value })
    return values
  })
}

interface Line {
  readonly status: number
  readonly response_bytes: number
  readonly duration_ms: number
  readonly ttfb_ms?: number
  readonly attempts?: unknown
}

/** Once there are so many. */
function linesOf({ gateway }: TestGateway, count: number): Promise<Line[]> {
  return vi.waitFor(async () => {
    accessLogOf(gateway)?.flush()
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(count)
    // What the plugin writes has these.
    return lines.map((line) => JSON.parse(line) as Line)
  })
}
