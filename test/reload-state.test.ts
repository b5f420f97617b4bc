import type { Endpoint } from '@gatewright/kernel'
import {
  after,
  chunked,
  deadUrl,
  type RawClient,
  reply,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'

type Block = Readonly<Record<string, unknown>>

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`

describe('a reload that changes the rule of a router', () => {
  it('keeps what a limit has counted', async () => {
    await using upstream = await startUpstream()
    const limit = { type: 'rate-limit', rate: 1, period: '1h' }
    const config = configurations({ app: service(upstream.url) }, { limit })
    await using gateway = await startGateway(config.before)
    const first = await gateway.request('/old')
    const second = await gateway.request('/old')

    await gateway.reload(config.after)

    const third = await gateway.request('/new')
    expect([first, second, third].map(({ status }) => status)).toEqual([200, 429, 429])
    expect(upstream.requests).toHaveLength(1)
  })

  it('keeps a circuit open', async () => {
    await using upstream = await startUpstream(reply(500))
    const breaker = { type: 'circuit-breaker', failure_threshold: 1, cooldown_secs: 3600 }
    const config = configurations({ app: service(upstream.url) }, { breaker })
    await using gateway = await startGateway(config.before)
    const failed = await gateway.request('/old')

    await gateway.reload(config.after)

    const refused = await gateway.request('/new')
    expect([failed.status, refused.status]).toEqual([500, 503])
    expect(upstream.requests).toHaveLength(1)
  })

  it('goes on with the next server in turn', async () => {
    await using one = await startUpstream(reply(200, {}, 'one'))
    await using two = await startUpstream(reply(200, {}, 'two'))
    await using three = await startUpstream(reply(200, {}, 'three'))
    const config = configurations({ app: service(one.url, two.url, three.url) })
    await using gateway = await startGateway(config.before)
    const first = await gateway.request('/old')

    await gateway.reload(config.after)

    const rest = [await gateway.request('/new'), await gateway.request('/new')]
    expect([first, ...rest].map(({ text }) => text)).toEqual(['one', 'two', 'three'])
  })

  it('keeps connections to servers, and uses them again', async () => {
    await using upstream = await startUpstream()
    const config = configurations({ app: service(upstream.url) })
    await using gateway = await startGateway(config.before)
    await gateway.request('/old')

    await gateway.reload(config.after)

    await gateway.request('/new')
    expect(upstream.connections).toEqual({ open: 1, total: 1 })
  })

  it('keeps listeners and the connections of clients, also in the middle of a request', async () => {
    await using upstream = await startUpstream()
    const config = configurations({ app: service(upstream.url) })
    await using gateway = await startGateway(config.before)
    const port = gateway.port()
    using client = await gateway.connect()
    await client.send(get('/old'))
    const first = await client.readResponse()
    await client.send(get('/new').slice(0, -2))

    await gateway.reload(config.after)

    await client.send('\r\n')
    expect([first.status, (await client.readResponse()).status]).toEqual([200, 200])
    expect(gateway.port()).toBe(port)
  })

  it('counts what a server works on, from before it and from afterwards', async () => {
    const gate = Promise.withResolvers<void>()
    await using busy = await startUpstream(after(gate.promise, reply(200, {}, 'busy')))
    await using idle = await startUpstream(reply(200, {}, 'idle'))
    const app = service(busy.url, idle.url)
    const config = configurations({ app: balanced(app, { strategy: 'least-connections' }) })
    await using gateway = await startGateway(config.before)
    const waiting = gateway.request('/old')
    await busy.nextRequest()

    await gateway.reload(config.after)

    const counted = endpoints(gateway).map(({ active }) => active)
    const next = [await gateway.request('/new'), await gateway.request('/new')]
    gate.resolve()
    expect(counted).toEqual([1, 0])
    expect(next.map(({ text }) => text)).toEqual(['idle', 'idle'])
    expect((await waiting).text).toBe('busy')
    await vi.waitFor(() => expect(endpoints(gateway).map(({ active }) => active)).toEqual([0, 0]))
  })

  it('keeps a server out that was found not to work', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'well'))
    const dead = await deadUrl()
    const passive = { error_threshold: 1, recovery: '1h' }
    const app = balanced(service(dead, upstream.url), { passive_health: passive })
    const config = configurations({ app })
    await using gateway = await startGateway(config.before)
    const first = await gateway.request('/old')

    await gateway.reload(config.after)

    const rest = [await gateway.request('/new'), await gateway.request('/new')]
    expect([first, ...rest].map(({ status }) => status)).toEqual([502, 200, 200])
  })
})

describe('a reload that changes one router of two', () => {
  it('bounds only the responses of that one', async () => {
    const more = Promise.withResolvers<void>()
    await using upstream = await startUpstream(
      chunked(200, {}, async function* pieces() {
        yield 'begun'
        await more.promise
        yield 'ended'
      }),
      { strict: false },
    )
    await using gateway = await startGateway(twoRouters(upstream.url, '/changed'), {
      strict: false,
    })
    using changed = await begin(gateway, '/changed')
    using unchanged = await begin(gateway, '/unchanged')

    await gateway.reload(twoRouters(upstream.url, '/other'))

    // Cut off, since its upstream has not ended it.
    await changed.closed()
    more.resolve()
    expect(await unchanged.readUntil('ended')).toContain('ended')
  })
})

describe('50 reloads under load', () => {
  it('fail no request, and each is answered by one configuration alone', async () => {
    await using upstream = await startUpstream(({ headers }) => reply(200, {}, headers['x-turn']))
    await using gateway = await startGateway(marked(upstream.url, 0))
    const load = Array.from({ length: 20 }, () => new Load(gateway))

    for (let turn = 1; turn <= 50; turn++) {
      await gateway.reload(marked(upstream.url, turn))
      await load[turn % load.length]?.answered()
    }
    await Promise.all(load.map((one) => one.stop()))

    const answers = load.flatMap((one) => one.answers)
    expect(answers.filter(({ status, asked, told }) => status !== 200 || asked !== told)).toEqual(
      [],
    )
    expect(new Set(answers.map(({ told }) => told)).size).toBeGreaterThan(25)
  })
})

/** What a client got, and by which configuration its request and its response were edited. */
interface Answer {
  readonly status: number
  readonly asked: string
  readonly told: string | undefined
}

/** A client that sends one request after the other on one connection. */
class Load {
  readonly answers: Answer[] = []
  readonly #ended: Promise<void>
  #stopping = false
  #next = Promise.withResolvers<void>()

  constructor(gateway: TestGateway) {
    this.#ended = this.#run(gateway)
  }

  /** Comes back with the next answer. */
  answered(): Promise<void> {
    return this.#next.promise
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#ended
  }

  async #run(gateway: TestGateway): Promise<void> {
    using client = await gateway.connect()
    while (!this.#stopping) {
      await client.send(get('/'))
      const { status, headers, text } = await client.readResponse()
      this.answers.push({ status, asked: text, told: headers['x-turn'] })
      this.#next.resolve()
      this.#next = Promise.withResolvers()
    }
  }
}

/** Two configurations in which the only router has another rule; the rest is the same. */
function configurations(
  services: Block,
  middlewares: Block = {},
): { readonly before: Block; readonly after: Block } {
  const withRule = (rule: string): Block => ({
    entrypoints: { web: { address: '127.0.0.1:0' } },
    routers: { all: { rule, service: 'app', middlewares: Object.keys(middlewares) } },
    services,
    middlewares,
  })
  return {
    before: withRule('PathPrefix(`/`)'),
    after: withRule('PathPrefix(`/new`)'),
  }
}

function service(...urls: readonly string[]): { readonly load_balancer: Block } {
  return { load_balancer: { servers: urls.map((url) => ({ url })) } }
}

function balanced(
  { load_balancer: balancing }: { readonly load_balancer: Block },
  keys: Block,
): Block {
  return { load_balancer: { ...balancing, ...keys } }
}

function twoRouters(url: string, path: string): Block {
  return {
    shutdown_timeout_secs: 1,
    entrypoints: { web: { address: '127.0.0.1:0' } },
    routers: {
      changed: { rule: `Path(\`${path}\`)`, service: 'app' },
      unchanged: { rule: 'Path(`/unchanged`)', service: 'app' },
    },
    services: { app: service(url) },
  }
}

/** Marks requests and responses with a number. */
function marked(url: string, turn: number): Block {
  const set = { 'x-turn': String(turn) }
  const headers = { type: 'headers', request_headers: set, response_headers: set }
  return configurations({ app: service(url) }, { headers }).before
}

async function begin(gateway: TestGateway, path: string): Promise<RawClient> {
  const client = await gateway.connect()
  await client.send(get(path))
  await client.readUntil('begun')
  return client
}

function endpoints({ gateway }: TestGateway): readonly Endpoint[] {
  return gateway.snapshot.services.get('app')?.pool.all ?? []
}
