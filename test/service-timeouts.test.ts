import {
  chunked,
  hang,
  poolFile,
  type Reply,
  raw,
  reply,
  startGateway,
  startUpstream,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const half = raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')

describe('a timeout of a service', () => {
  it.each<[string, Reply, string, number | 'lost']>([
    ['does not answer', hang(), 'request_timeout = "50ms"', 504],
    ['does not answer', hang(), 'stream_total_timeout = "50ms"', 504],
    ['stops in its response', half, 'stream_idle_timeout = "50ms"', 'lost'],
    ['goes on and on', chunked(200, {}, ticking), 'stream_total_timeout = "300ms"', 'lost'],
  ])('puts a server out that %s (passive health)', async (_what, behaviour, option, outcome) => {
    await using upstream = await startUpstream(behaviour, { strict: false })
    const balancing = `
      ${option}
      passive_health {
        error_threshold = 1
      }`
    await using gateway = await startGateway(poolFile([upstream.url], { balancing }))

    const first = await gateway.request('/').then(
      ({ status }) => status,
      () => 'lost',
    )
    const second = await gateway.request('/')

    expect(first).toBe(outcome)
    expect(second.json()).toMatchObject({ status: 503, code: 'GW_SERVICE_UNAVAILABLE' })
    expect(gateway.gateway.snapshot.services.get('pool')?.pool.all[0]?.active).toBe(0)
    await (await upstream.nextRequest()).gone
  })

  it('adds nothing to a response that has begun', async () => {
    await using upstream = await startUpstream(half)
    const balancing = 'stream_idle_timeout = "50ms"'
    await using gateway = await startGateway(poolFile([upstream.url], { balancing }))
    using client = await gateway.connect()
    const received: Buffer[] = []

    await client.send(get)
    const head = await client.readHead()
    const body = client.readBody(head, (piece) => void received.push(Buffer.from(piece)))

    await expect(body).rejects.toMatchObject({ code: 'GW_TESTING_CONNECTION_LOST' })
    expect(Buffer.concat(received).toString()).toBe('half')
    expect(await client.closed()).toBe('reset')
  })

  it('is named by its cause: the shorter of two', async () => {
    await using upstream = await startUpstream(hang())
    const balancing = 'request_timeout = "10s"\nstream_total_timeout = "50ms"'
    await using gateway = await startGateway(poolFile([upstream.url], { balancing }))

    await gateway.request('/')

    const [entry] = gateway.logs.find({ code: 'GW_UPSTREAM_RESPONSE_TIMEOUT' })
    expect(JSON.stringify(entry)).toContain('within 50 ms')
  })

  it('holds for its own requests only, those to the same server included', async () => {
    const released = Promise.withResolvers<void>()
    await using upstream = await startUpstream(async ({ target }) => {
      if (target === '/patient') await released.promise
      return target === '/patient' ? reply(200) : hang()
    })
    await using gateway = await startGateway(
      poolFile([upstream.url], {
        balancing: 'request_timeout = "50ms"',
        blocks: `
          routers "patient" {
            rule    = "PathPrefix(\`/patient\`)"
            service = "patient"
          }
          services "patient" {
            load_balancer {
              servers = [{ url = "${upstream.url}" }]
            }
          }`,
      }),
    )

    const patient = gateway.request('/patient')
    const impatient = await gateway.request('/')
    released.resolve()

    expect(impatient.status).toBe(504)
    expect((await patient).status).toBe(200)
  })

  it('is refused if no timer can wait so long', async () => {
    const started = startGateway(
      poolFile(['http://127.0.0.1:1'], { balancing: 'request_timeout = "25d"' }),
    )

    await expect(started).rejects.toThrow('request_timeout')
  })

  it('ends no stream if it is 0', async () => {
    await using upstream = await startUpstream(chunked(200, {}, ['a', 'b']))
    const balancing = 'stream_idle_timeout = "0"\nstream_total_timeout = 0'
    await using gateway = await startGateway(poolFile([upstream.url], { balancing }))

    expect((await gateway.request('/')).text).toBe('ab')
  })
})

describe('a stream of events whose client leaves', () => {
  it('ends at the server as well, and makes room for the next request', async () => {
    const fields = { 'content-type': 'text/event-stream' }
    await using upstream = await startUpstream([chunked(200, fields, waiting), reply(200)])
    const service = 'scaling {\ncontainer_concurrency = 1\n}'
    await using gateway = await startGateway(poolFile([upstream.url], { service }))
    using client = await gateway.connect()

    await client.send(get)
    await client.readHead()
    const meanwhile = await gateway.request('/')
    client.end()
    await (await upstream.nextRequest()).gone

    expect(meanwhile.json()).toMatchObject({ status: 503, code: 'GW_SCALING_AT_CAPACITY' })
    const server = gateway.gateway.snapshot.services.get('pool')?.pool.all[0]
    await vi.waitFor(() => expect(server?.active).toBe(0))
    expect((await gateway.request('/')).status).toBe(200)
  })
})

describe('a connection that a service keeps', () => {
  it('serves the next request', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(poolFile([upstream.url]))

    for (let index = 0; index < 3; index++) await gateway.request('/')

    expect(upstream.connections.total).toBe(1)
  })

  it('does not if the server would keep it for a second only', async () => {
    await using upstream = await startUpstream(reply(200, { 'keep-alive': 'timeout=1' }))
    await using gateway = await startGateway(poolFile([upstream.url]))

    for (let index = 0; index < 3; index++) await gateway.request('/')

    expect(upstream.connections.total).toBe(3)
  })

  it('is of one service: another one to the same server has its own', async () => {
    await using upstream = await startUpstream()
    const blocks = `
      routers "other" {
        rule    = "PathPrefix(\`/other\`)"
        service = "other"
      }
      services "other" {
        load_balancer {
          servers = [{ url = "${upstream.url}" }]
        }
      }`
    await using gateway = await startGateway(poolFile([upstream.url], { blocks }))

    for (const target of ['/', '/other', '/', '/other']) await gateway.request(target)

    expect(upstream.connections.total).toBe(2)
  })
})

async function* ticking(): AsyncGenerator<string> {
  for (;;) {
    yield 'tick'
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function* waiting(): AsyncGenerator<string> {
  yield 'data: begun\n\n'
  await new Promise(() => undefined)
}
