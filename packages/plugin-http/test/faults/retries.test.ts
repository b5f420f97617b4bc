/**
 * Which requests are sent again, after which faults, with the `retry` middleware and without.
 *
 * @module
 */
import {
  closeAfterHead,
  closeBeforeResponse,
  deadUrl,
  early,
  hang,
  malformed,
  type Reply,
  reply,
  resetAfter,
  startGateway,
  startUpstream,
} from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

interface Request {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | readonly string[]
}

const plainGet: Request = { method: 'GET', headers: {} }
const smallPut: Request = { method: 'PUT', headers: {}, body: 'small' }
const chunkedPut: Request = { method: 'PUT', headers: {}, body: ['in ', 'chunks'] }
const largePut: Request = { method: 'PUT', headers: {}, body: 'x'.repeat(2000) }
const plainPost: Request = { method: 'POST', headers: {}, body: 'order' }
const keyedPost: Request = { method: 'POST', headers: { 'idempotency-key': '1' }, body: 'order' }
const emptyPost: Request = { method: 'POST', headers: {} }

/** The upstream, the request, the fault, and what the client gets without a retry and with one. */
const faults: readonly (readonly [string, string, Reply, Request, number, number])[] = [
  ['closes', 'a GET', closeBeforeResponse(), plainGet, 502, 200],
  ['closes', 'a PUT', closeBeforeResponse(), smallPut, 502, 200],
  ['closes', 'a PUT in chunks', closeBeforeResponse(), chunkedPut, 502, 200],
  ['closes', 'a PUT that is too large', closeBeforeResponse(), largePut, 502, 502],
  ['closes', 'a POST', closeBeforeResponse(), plainPost, 502, 502],
  ['closes', 'a POST without a body', closeBeforeResponse(), emptyPost, 502, 502],
  ['closes', 'a POST with a key', closeBeforeResponse(), keyedPost, 502, 200],
  ['closes within a PUT', 'a PUT', early(resetAfter(0, reply())), smallPut, 502, 200],
  ['resets', 'a GET', resetAfter(0, reply()), plainGet, 502, 200],
  ['resets within its head', 'a GET', resetAfter(12, reply()), plainGet, 502, 200],
  ['sends nonsense', 'a GET', malformed('status-line'), plainGet, 502, 502],
  ['says 503', 'a GET', reply(503), plainGet, 503, 200],
  ['says 503', 'a PUT', reply(503), smallPut, 503, 200],
  ['says 503', 'a POST', reply(503), plainPost, 503, 503],
  ['says 500', 'a GET', reply(500), plainGet, 500, 500],
  ['does not answer', 'a GET', hang(), plainGet, 504, 504],
]

describe('a request', () => {
  it.each(faults)('to an upstream that %s: %s', async (...row) => {
    const [, , fault, { method, headers, body }, without, withRetry] = row

    for (const [middlewares, status] of [
      [[], without],
      [['again'], withRetry],
    ] as const) {
      await using upstream = await startUpstream([fault, reply(200, {}, 'second')])
      await using front = await startGateway(configOf(upstream.url, middlewares))

      const response = await front.request('/', {
        method,
        headers,
        ...(body !== undefined && { body }),
      })

      expect(response.status).toBe(status)
      expect(upstream.requests).toHaveLength(status === 200 ? 2 : 1)
      if (status === 200) expect(upstream.requests[1]?.text).toBe([body ?? ''].flat().join(''))
      expect(front.gateway.exchanges).toBe(0)
    }
  })

  it.each([
    ['a GET', plainGet],
    ['a POST', plainPost],
    ['a PUT that is too large', largePut],
  ])('to an upstream that refuses connections: %s is tried four times', async (_what, request) => {
    await using front = await startGateway(configOf(await deadUrl(), ['again']))

    const response = await front.request('/', request)

    expect(response.status).toBe(503)
    expect(front.logs.find({ msg: 'request is sent again', reason: 'unsent' })).toHaveLength(3)
    expect(front.logs.find({ level: 'warn', code: 'GW_RETRY_UNREACHABLE' })).toHaveLength(1)
    expect(front.gateway.exchanges).toBe(0)
  })

  it('whose response has begun is not sent again', async () => {
    await using upstream = await startUpstream([closeAfterHead(), reply()])
    await using front = await startGateway(configOf(upstream.url, ['again']))

    await expect(front.request('/')).rejects.toMatchObject({ code: 'GW_TESTING_CONNECTION_LOST' })

    expect(upstream.requests).toHaveLength(1)
    expect(front.gateway.exchanges).toBe(0)
  })

  it('that took too long is sent again if that is wanted', async () => {
    await using upstream = await startUpstream([hang(), reply(200, {}, 'second')])
    await using front = await startGateway(
      configOf(upstream.url, ['again'], 'retry_on_timeout = true'),
    )

    const response = await front.request('/')

    expect(response).toMatchObject({ status: 200, text: 'second' })
    expect(front.gateway.exchanges).toBe(0)
  })
})

function configOf(url: string, middlewares: readonly string[], options: string = ''): string {
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule        = "PathPrefix(\`/\`)"
      service     = "app"
      middlewares = ${JSON.stringify(middlewares)}
    }
    middlewares "again" {
      type              = "retry"
      retry_interval_ms = 0
      max_replay_bytes  = 1000
      ${options}
    }
    services "app" {
      load_balancer {
        request_timeout            = "20ms"
        max_connections_per_server = 1
        servers                    = [{ url = "${url}" }]
      }
    }
  `
}
