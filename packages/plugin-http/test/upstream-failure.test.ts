import {
  chunked,
  closeAfterHead,
  closeBeforeResponse,
  deadUrl,
  endAfter,
  hang,
  malformed,
  Reply,
  raw,
  reply,
  resetAfter,
  startUpstream,
  unread,
  withExtra,
} from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { configFor, type Front, startBehind } from './behind.ts'

describe('an upstream that fails before its response', () => {
  it.each([
    ['closes', closeBeforeResponse(), 'GW_UPSTREAM_RESET'],
    ['resets', resetAfter(0, reply()), 'GW_UPSTREAM_RESET'],
    ['closes within the head', endAfter(12, reply()), 'GW_UPSTREAM_RESET'],
    ['resets within the head', resetAfter(12, reply()), 'GW_UPSTREAM_RESET'],
    ['sends garbage', raw(Buffer.from([0, 1, 2, 3, 13, 10, 13, 10])), 'GW_UPSTREAM_PROTOCOL'],
    ['sends a malformed status line', malformed('status-line'), 'GW_UPSTREAM_PROTOCOL'],
    ['sends a malformed field', malformed('header'), 'GW_UPSTREAM_PROTOCOL'],
    ['sends a malformed length', malformed('length'), 'GW_UPSTREAM_PROTOCOL'],
    [
      'sends too large a head',
      reply(200, { a: 'x'.repeat(70_000) }),
      'GW_HTTP1_RESPONSE_TOO_LARGE',
    ],
  ])('%s: 502', async (_how, behaviour, code) => {
    await using upstream = await startUpstream(behaviour)
    await using gateway = await startBehind(upstream)

    const response = await gateway.request('/', { method: 'POST', body: 'x' })

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ status: 502, code, error: 'Bad gateway' })
    expect(response.headers['proxy-status']).toContain('gatewright')
    expect(response.text).not.toContain(String(upstream.port))
    expect(gateway.logs.find({ level: 'warn', code, source: 'upstream' })).toHaveLength(1)
    expectNothingLeft(gateway)
  })

  it('refuses connections: 502', async () => {
    await using gateway = await startBehind({ url: await deadUrl() })

    const response = await gateway.request('/')

    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_CONNECT', error: 'Bad gateway' })
    expect(gateway.logs.find({ code: 'GW_UPSTREAM_CONNECT', source: 'upstream' })).toHaveLength(1)
    expectNothingLeft(gateway)
  })

  it('cannot be found by its name: 502', async () => {
    await using gateway = await startBehind({ url: 'http://does-not-exist.invalid:80' })

    const response = await gateway.request('/')

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_CONNECT' })
  })

  it('does not answer: 504', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream, { balancer: { request_timeout: '10ms' } })

    const response = await gateway.request('/')

    expect(response.status).toBe(504)
    expect(response.json()).toMatchObject({
      code: 'GW_UPSTREAM_RESPONSE_TIMEOUT',
      error: 'Upstream timeout',
    })
    expect(gateway.logs.find({ code: 'GW_UPSTREAM_RESPONSE_TIMEOUT' })).toHaveLength(1)
    await (await upstream.nextRequest()).gone
    expectNothingLeft(gateway)
  })

  it('does not take the request: 504', async () => {
    await using upstream = await startUpstream(unread(new Promise(() => undefined), reply()))
    await using gateway = await startBehind(upstream, {
      balancer: { stream_idle_timeout: '300ms' },
    })
    using client = await gateway.connect()
    const size = 64 * 1024 * 1024

    await client.send(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`)
    void client.send(Buffer.alloc(size))
    const response = await client.readResponse()

    expect(response.status).toBe(504)
    expect(response.headers['connection']).toBe('close')
    expectNothingLeft(gateway)
  })

  it('has no connection to spare: 503', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream, {
      balancer: { max_connections_per_server: 1, connect_timeout: '100ms' },
    })
    using first = await gateway.connect()

    await first.send('GET /1 HTTP/1.1\r\nHost: h\r\n\r\n')
    await upstream.nextRequest()
    const response = await gateway.request('/2')

    expect(response.status).toBe(503)
    expect(response.headers['retry-after']).toBe('1')
    expect(response.json()).toMatchObject({
      code: 'GW_UPSTREAM_BUSY',
      error: 'Backends at capacity',
    })
    expect(gateway.endpoint().active).toBe(1)
  })

  it('does not take the connection of the client with it', async () => {
    await using upstream = await startUpstream([closeBeforeResponse(), reply(200, {}, 'next')])
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    expect((await client.readResponse()).status).toBe(502)
    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')

    expect((await client.readResponse()).text).toBe('next')
  })

  it('after it was idle is not noticed by the client', async () => {
    await using upstream = await startUpstream([reply(), closeBeforeResponse(), reply(201)])
    await using gateway = await startBehind(upstream)

    await gateway.request('/')
    const response = await gateway.request('/')

    expect(response.status).toBe(201)
    expect(gateway.logs.find({ level: 'warn' })).toHaveLength(0)
  })
})

describe('an upstream that fails within its response', () => {
  it.each([
    ['closes', closeAfterHead(200, { 'content-length': '10' }), 'GW_UPSTREAM_RESET'],
    ['resets', resetAfter(60, reply(200, {}, 'x'.repeat(90))), 'GW_UPSTREAM_RESET'],
    ['closes between chunks', endAfter(55, chunked(200, {}, ['a', 'b'])), 'GW_UPSTREAM_RESET'],
    ['sends a malformed chunk', malformed('chunk'), 'GW_UPSTREAM_PROTOCOL'],
  ])('%s: the client is reset', async (_how, behaviour, code) => {
    await using upstream = await startUpstream(behaviour)
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')

    expect(await client.closed()).toBe('reset')
    expect(gateway.logs.find({ level: 'warn', code, source: 'upstream' })).toHaveLength(1)
    expectNothingLeft(gateway)
  })

  it('stops: the client is reset', async () => {
    await using upstream = await startUpstream(
      raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsome'),
    )
    await using gateway = await startBehind(upstream, { balancer: { stream_idle_timeout: '10ms' } })
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')

    expect((await client.readHead()).status).toBe(200)
    expect(await client.closed()).toBe('reset')
    expect(gateway.logs.find({ code: 'GW_UPSTREAM_BODY_TIMEOUT' })).toHaveLength(1)
    await (await upstream.nextRequest()).gone
    expectNothingLeft(gateway)
  })

  it('goes on for too long: the client is reset', async () => {
    await using upstream = await startUpstream(chunked(200, {}, endless), { strict: false })
    await using gateway = await startBehind(upstream, {
      balancer: { stream_total_timeout: '300ms' },
    })
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    const head = await client.readHead()
    await expect(client.readBody(head, () => undefined)).rejects.toMatchObject({
      code: 'GW_TESTING_CONNECTION_LOST',
    })

    expect(gateway.logs.find({ code: 'GW_UPSTREAM_BODY_TIMEOUT' })).toHaveLength(1)
    expectNothingLeft(gateway)
  })

  it('tells the hooks: the attempt has the error, and the exchange is aborted with it', async () => {
    const seen: unknown[] = []
    await using upstream = await startUpstream(closeAfterHead())
    await using gateway = await startBehind(upstream, {
      plugins: [
        {
          name: 'watching',
          setup: (gate) =>
            gate.hooks.finish.tap('watching', ({ attempts, abortedBy }) => {
              seen.push(attempts?.[0]?.error?.code, abortedBy?.code)
            }),
        },
      ],
    })
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await client.closed()

    expect(seen).toEqual(['GW_UPSTREAM_RESET', 'GW_UPSTREAM_RESET'])
  })
})

describe('bytes after a response', () => {
  it.each([
    ['in the same piece', withExtra(reply(200, {}, 'first'), forged())],
    ['after a response without a body', withExtra(reply(204), forged())],
    ['later', late()],
  ])('%s reach nobody', async (_when, behaviour) => {
    await using upstream = await startUpstream([behaviour, reply(200, {}, 'second')], {
      strict: false,
    })
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await client.readResponse()
    await (await upstream.nextRequest()).gone
    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')

    expect((await client.readResponse()).text).toBe('second')
    expect(upstream.connections.total).toBe(2)
  })
})

describe('an upstream that refuses an upload', () => {
  it('is heard, although it closes', async () => {
    const refusal = new Reply(async ({ write, end }) => {
      await write('HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 7\r\n\r\ntoo big')
      end()
    })
    await using upstream = await startUpstream(refusal, { strict: false })
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()
    const size = 8 * 1024 * 1024

    await client.send(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`)
    void client.send(Buffer.alloc(size))
    const response = await client.readResponse()

    expect(response).toMatchObject({ status: 413, text: 'too big' })
    expectNothingLeft(gateway)
  })
})

describe('an upstream that goes away', () => {
  it('for good leaves no connection and no pool behind', async () => {
    await using before = await startUpstream()
    await using after = await startUpstream(reply(200, {}, 'after'))
    await using gateway = await startBehind(before)

    await gateway.request('/')
    await gateway.reload(configFor(after.url))

    expect((await gateway.request('/')).text).toBe('after')
    expect(before.requests).toHaveLength(1)
  })
})

/** The kit checks the same when the gateway stops; here it must be so at once. */
function expectNothingLeft(gateway: Front): void {
  expect(gateway.gateway.exchanges).toBe(0)
  expect(gateway.endpoint().active).toBe(0)
}

function forged(): string {
  return 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged'
}

function late(): Reply {
  return new Reply(async (exchange) => {
    await reply(200, {}, 'first').play(exchange)
    await new Promise((resolve) => setImmediate(resolve))
    await exchange.write(forged())
    await exchange.gone
  })
}

async function* endless(): AsyncGenerator<string> {
  for (;;) {
    yield 'more'
    await new Promise((resolve) => setImmediate(resolve))
  }
}
