import { definePlugin, GatewayResponse } from '@gatewright/kernel'
import {
  after,
  chunked,
  closeBeforeResponse,
  deadUrl,
  poolFile,
  type RawResponse,
  reply,
  startGateway,
  startUpstream,
  switching,
} from '@gatewright/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { allowed, asked, blocksOf, scripted, tapping } from './gateway.ts'
import { namesOf, timingsOf } from './timings.ts'

afterEach(() => vi.restoreAllMocks())

describe('a timeline', () => {
  it('tells of every step and try up to the head, in their order', async () => {
    await using upstream = await startUpstream(reply(201, {}, 'hello'))
    await using gateway = await startGateway(
      poolFile([upstream.url], {
        middlewares: ['retry', 'prefix'],
        blocks: `${allowed}${blocksOf('retry')}
          middlewares "prefix" {\n type = "add-prefix"\n prefix = "/a"\n }`,
      }),
      { plugins: [tapping()] },
    )
    const url = new URL(upstream.url).host
    // The connection is there from now on.
    await gateway.request('/')

    const response = await gateway.request('/b?c', { headers: asked })

    expect(response).toMatchObject({ status: 201, text: 'hello' })
    const timings = timingsOf(response.headers['server-timing'])
    const own = timings.filter(({ name }) => !name.includes('testing'))
    expect(own.map(({ name, text }) => [name, text])).toEqual([
      ['total', undefined],
      ['gateway', undefined],
      ['tap.tapping.request', 'tapping request: passed'],
      ['route', 'router all'],
      ['middleware.retry.around', 'retry (retry) around: passed'],
      ['middleware.prefix.onRequest', 'prefix (add-prefix) onRequest: passed'],
      ['tap.tapping.upstream', 'tapping upstream: passed'],
      ['upstream.1', `pool http://${url}: 201`],
      ['tap.tapping.upstreamEnd', 'tapping upstreamEnd: passed'],
      ['tap.tapping.response', 'tapping response: passed'],
    ])
  })

  it('adds up to the whole, whatever took its time', async () => {
    const pass = clock()
    await using upstream = await startUpstream(after(() => Promise.resolve(pass(2000)), reply()))
    await using gateway = await startGateway(
      poolFile([upstream.url], {
        middlewares: ['wraps', 'waits'],
        blocks: `${allowed}${blocksOf('wraps', 'waits')}`,
      }),
      {
        plugins: [
          scripted('waits', { onRequest: () => Promise.resolve().then(() => pass(1000)) }),
          scripted('wraps', {
            async around(ctx, next) {
              const response = await next(ctx)
              pass(500)
              return response
            },
          }),
        ],
      },
    )

    const response = await gateway.request('/', { headers: asked })

    const [total, ...parts] = timingsOf(response.headers['server-timing'])
    const sum = parts.reduce((all, { ms }) => all + ms, 0)
    const ms = (wanted: string): number => parts.find(({ name }) => name === wanted)?.ms ?? 0
    expect(sum / (total?.ms ?? 0)).toBeGreaterThan(0.95)
    expect(sum / (total?.ms ?? 0)).toBeLessThan(1.05)
    expect(ms('middleware.waits.onRequest')).toBeGreaterThanOrEqual(1000)
    expect(ms('middleware.wraps.around')).toBeGreaterThanOrEqual(500)
    expect(ms('upstream.1')).toBeGreaterThanOrEqual(2000)
    expect(ms('gateway')).toBeLessThan(500)
  })

  it('tells of what it waited for', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream(after(() => gate.promise, reply()))
    await using gateway = await startGateway(
      poolFile([upstream.url], { balancing: 'max_connections_per_server = 1', blocks: allowed }),
    )

    const first = gateway.request('/', { headers: asked })
    await upstream.nextRequest()
    const second = gateway.request('/', { headers: asked })
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(2))
    gate.resolve()
    const [connected, queued] = await Promise.all([first, second])

    expect(namesOf(connected.headers['server-timing'])).toContain('connect.1')
    const names = namesOf(queued.headers['server-timing'])
    expect(names.slice(0, 5)).toEqual(['total', 'gateway', 'route', 'queue.1', 'upstream.1'])
  })

  it('tells of each try, and what became of it', async () => {
    await using upstream = await startUpstream([closeBeforeResponse(), reply(200)])
    await using gateway = await startGateway(
      poolFile([upstream.url], { middlewares: ['retry'], blocks: allowed + blocksOf('retry') }),
    )
    const url = new URL(upstream.url).host

    const response = await gateway.request('/', { headers: asked })

    const timings = timingsOf(response.headers['server-timing'])
    expect(
      timings
        .filter(({ name }) => name.startsWith('upstream'))
        .map(({ name, text }) => [name, text]),
    ).toEqual([
      ['upstream.1', `pool http://${url}: GW_UPSTREAM_RESET`],
      ['upstream.2', `pool http://${url}: 200`],
    ])
  })

  it('tells which step answered, and what failed', async () => {
    await using upstream = await startUpstream()
    const routers = ['answers', 'throws'].map(
      (name) =>
        `routers "${name}" {\n priority = 100\n rule = "Path(\`/${name}\`)"\n service = "pool"\n middlewares = ["${name}"]\n }\n`,
    )
    await using gateway = await startGateway(
      poolFile([upstream.url], {
        blocks: `${allowed}${blocksOf('answers', 'throws')}${routers.join('')}
          routers "dead" {\n priority = 100\n rule = "Path(\`/dead\`)"\n service = "dead"\n }
          services "dead" {\n load_balancer {\n servers = [{ url = "${await deadUrl()}" }]\n }\n }`,
      }),
      {
        plugins: [
          scripted('answers', { onRequest: () => new GatewayResponse({ status: 204 }) }),
          scripted('throws', {
            onRequest: () => {
              throw new Error('no')
            },
          }),
        ],
      },
    )

    const answered = await gateway.request('/answers', { headers: asked })
    const thrown = await gateway.request('/throws', { headers: asked })
    const dead = await gateway.request('/dead', { headers: asked })
    using client = await gateway.connect()
    await client.send('CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\nX-Gatewright-Trace: 1\r\n\r\n')
    const refused = await client.readResponse()

    expect(answered.status).toBe(204)
    expect(textsOf(answered)).toEqual(['router answers', 'answers (answers) onRequest: answered'])
    expect(thrown.status).toBe(500)
    expect(textsOf(thrown)).toEqual(['router throws', 'throws (throws) onRequest: failed'])
    expect(dead.status).toBe(502)
    expect(textsOf(dead)).toContainEqual(expect.stringContaining('GW_UPSTREAM_CONNECT'))
    expect(refused.status).toBe(405)
    expect(namesOf(refused.headers['server-timing'])).toEqual(['total', 'gateway'])
  })

  it('is told of a request that nobody takes', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(
      poolFile([upstream.url], { blocks: allowed }).replace('PathPrefix(`/`)', 'Host(`a.test`)'),
    )

    const response = await gateway.request('/', { headers: asked })

    expect(response.status).toBe(404)
    expect(textsOf(response)).toEqual(['none'])
  })

  it('is told when a connection switches protocols', async () => {
    await using upstream = await startUpstream(switching('chat'))
    await using gateway = await startGateway(poolFile([upstream.url], { blocks: allowed }), {
      plugins: [chat],
    })
    using client = await gateway.connect()

    await client.send(
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: chat\r\nX-Gatewright-Trace: 1\r\n\r\n',
    )
    const head = await client.readHead()
    await client.send('hello')

    expect(head.status).toBe(101)
    expect(head.rawHead).toMatch(/^server-timing: total;dur=.*upstream\.1;.*: 101"/m)
    expect((await client.readBytes(5)).toString()).toBe('hello')
  })

  it('comes beside what the server tells itself', async () => {
    await using upstream = await startUpstream(reply(200, { 'server-timing': 'db;dur=5' }))
    await using gateway = await startGateway(poolFile([upstream.url], { blocks: allowed }))

    const response = await gateway.request('/', { headers: asked })

    const [theirs, ours] = response.headerValues('server-timing')
    expect(theirs).toBe('db;dur=5')
    expect(namesOf(ours)).toContain('upstream.1')
  })

  it('ends in a trailer for clients that take them', async () => {
    await using upstream = await startUpstream(chunked(200, {}, ['a', 'b'], { 'x-sum': '2' }))
    await using gateway = await startGateway(poolFile([upstream.url], { blocks: allowed }))

    const taken = await gateway.request('/', { headers: { ...asked, te: 'trailers' } })
    const others = await gateway.request('/', { headers: asked })

    expect(taken.text).toBe('ab')
    expect(taken.trailers).toMatchObject({ 'x-sum': '2' })
    expect(namesOf(taken.trailers['server-timing'])).toEqual(['total', 'body'])
    expect(others.trailers).toEqual({})
  })

  it('goes to the log as a whole', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'hello'))
    await using gateway = await startGateway(poolFile([upstream.url], { blocks: allowed }), {
      plugins: [tapping()],
    })

    await gateway.request('/a?token=secret', { headers: asked })

    const find = (): unknown[] => gateway.logs.find({ msg: 'timeline of a request' })
    await vi.waitFor(() => expect(find()).toHaveLength(1))
    expect(find()).toMatchObject([
      { level: 'debug', method: 'GET', path: '/a', status: 200, router: 'all' },
    ])
    const [told] = gateway.logs.find({ msg: 'timeline of a request' })
    expect(told?.['timeline']).toEqual(
      expect.arrayContaining([
        { name: 'total', ms: expect.any(Number) },
        { name: 'upstream.1', ms: expect.any(Number), text: expect.any(String) },
        { name: 'body', ms: expect.any(Number) },
        { name: 'tap.tapping.finish', ms: expect.any(Number), text: 'tapping finish: passed' },
      ]),
    )
  })
})

/** Has more time pass at will. */
function clock(): (ms: number) => void {
  const now = performance.now.bind(performance)
  let passed = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now() + passed)
  return (ms) => {
    passed += ms
  }
}

/** What it says of everything but the whole. */
function textsOf({ headers }: RawResponse): (string | undefined)[] {
  return timingsOf(headers['server-timing']).flatMap(({ text }) => text ?? [])
}

/** A protocol to switch to. */
const chat = definePlugin({
  name: 'chat',
  setup: ({ upgrades }) => upgrades.register({ type: 'chat', begin: () => undefined }),
})
