import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GatewayConfigInput } from '../src/config.ts'
import type { Plugin } from '../src/plugin.ts'
import { MemoryGateway, plainConfig, plugin, startMemory } from './support/memory-gateway.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a provider', () => {
  it('adds to the configuration as soon as it knows something', async () => {
    const feed = new Feed()
    await using memory = await startMemory(config(), [feed.plugin])
    expect((await memory.send({ target: '/new' })).status).toBe(404)

    feed.say({ routers: { new: { rule: '/new', service: 'app' } } })
    await expectAnswer(memory, '/new', 200)

    expect((await memory.send({ target: '/app' })).status).toBe(200)
  })

  it('is waited for at the start, so that what it says at once is there', async () => {
    const feed = new Feed()
    feed.first({ routers: { new: { rule: '/new', service: 'app' } } })
    await using memory = await startMemory(config(), [feed.plugin])

    expect((await memory.send({ target: '/new' })).status).toBe(200)
    expect(Object.keys(memory.gateway.understood.blueprint.config.routers)).toEqual(['app', 'new'])
  })

  it('is not waited for longer than its block says', async () => {
    const feed = new Feed()
    feed.first()
    const providers = { feed: { initial_sync_timeout: '3s' } }
    const starting = startMemory(config({ providers }), [feed.plugin])
    let started = false
    void starting.then(() => (started = true))

    await vi.advanceTimersByTimeAsync(2900)
    expect(started).toBe(false)
    await vi.advanceTimersByTimeAsync(200)
    await using memory = await starting

    expect(memory.logs.find('provider has said nothing yet; going on without it')).toMatchObject([
      { provider: 'feed', syncTimeoutMs: 3000 },
    ])
    expect(memory.gateway.providers).toMatchObject([{ state: 'starting' }])
    feed.say({ routers: { new: { rule: '/new', service: 'app' } } })
    await expectAnswer(memory, '/new', 200)
  })

  it('does not hold up a shutdown while it is waited for', async () => {
    const feed = new Feed()
    feed.first()
    const memory = new MemoryGateway([feed.plugin])
    const starting = memory.gateway.start(config())
    await vi.waitFor(() => expect(memory.gateway.state).toBe('running'))

    await memory.gateway.shutdown()
    await starting

    expect(memory.gateway.state).toBe('stopped')
  })

  it('says everything it knows, so that what it leaves out is gone', async () => {
    const feed = new Feed()
    await using memory = await startMemory(config(), [feed.plugin])
    feed.say({ routers: { new: { rule: '/new', service: 'app' } } })
    await expectAnswer(memory, '/new', 200)

    feed.say({ routers: {} })
    await expectAnswer(memory, '/new', 404)
  })

  it('keeps its last good contribution if it says something wrong', async () => {
    const feed = new Feed()
    await using memory = await startMemory(config(), [feed.plugin])
    feed.say({ routers: { new: { rule: '/new', service: 'app' } } })
    await expectAnswer(memory, '/new', 200)

    feed.say({ routers: { bad: { rule: '/bad', service: 'no' } } })
    const said = await logged(memory, 'a part of the configuration keeps its last good content')

    expect(said).toMatchObject({
      provider: 'feed',
      source: 'provider "feed"',
      path: 'routers.bad.service',
      problem: 'unknown service "no"',
      hint: expect.any(String),
    })
    expect((await memory.send({ target: '/new' })).status).toBe(200)
    expect(memory.gateway.providers).toMatchObject([
      { type: 'feed', state: 'degraded', refused: [{ standIn: 'last good' }] },
    ])

    feed.say({ routers: { good: { rule: '/good', service: 'app' } } })
    await expectAnswer(memory, '/good', 200)
    expect(memory.gateway.providers).toEqual([
      {
        type: 'feed',
        state: 'synced',
        refused: [],
        syncedAt: expect.any(Number),
        syncs: { changed: 4, unchanged: 0, error: 0 },
        objects: { entrypoints: 0, routers: 1, middlewares: 0, services: 0 },
      },
    ])
    expect(memory.logs.find('a part of the configuration is in order again')).toHaveLength(1)
  })

  it('loses a name that the configuration has, with one warning, and gets it back', async () => {
    const feed = new Feed()
    await using memory = await startMemory(config(), [feed.plugin])

    feed.say({
      routers: {
        app: { rule: '/x', service: 'app' },
        new: { rule: '/new', service: 'app' },
      },
    })
    await expectAnswer(memory, '/new', 200)

    expect((await memory.send({ target: '/x' })).status).toBe(404)
    expect((await memory.send({ target: '/app' })).status).toBe(200)
    expect(memory.logs.find('two define one name; one is left out')).toMatchObject([
      { path: 'routers.app', winner: 'the configuration', loser: 'provider "feed"' },
    ])

    await memory.gateway.reload(config({ routers: {} }))
    expect((await memory.send({ target: '/x' })).status).toBe(200)
    expect((await memory.send({ target: '/app' })).status).toBe(404)
  })

  it('wins over another one with less precedence', async () => {
    const strong = new Feed('strong', 2)
    const weak = new Feed('weak', 1)
    const providers = { weak: {}, strong: {} }
    await using memory = await startMemory(config({ providers }), [weak.plugin, strong.plugin])

    weak.say({ routers: { r: { rule: '/weak', service: 'app' } } })
    await expectAnswer(memory, '/weak', 200)
    strong.say({ routers: { r: { rule: '/strong', service: 'app' } } })
    await expectAnswer(memory, '/strong', 200)
    expect((await memory.send({ target: '/weak' })).status).toBe(404)

    strong.say({})
    await expectAnswer(memory, '/weak', 200)
  })

  it('goes on over reloads with the same block, and what it said stays', async () => {
    const feed = new Feed()
    await using memory = await startMemory(config(), [feed.plugin])
    feed.say({ routers: { new: { rule: '/new', service: 'app' } } })
    await expectAnswer(memory, '/new', 200)

    await memory.reload(config({ shutdown_timeout_secs: 7 }))

    expect(feed.watches).toBe(1)
    expect(feed.trace).toEqual(['activate'])
    expect((await memory.send({ target: '/new' })).status).toBe(200)
  })

  it('stops with its block, and lets go what it holds then', async () => {
    const feed = new Feed()
    await using memory = await startMemory(config(), [feed.plugin])

    await memory.reload(plainConfig())
    await vi.waitFor(() => expect(feed.trace).toEqual(['activate', 'stop', 'defer']))

    expect(memory.gateway.snapshot.config.providers).toEqual({})
  })

  it('starts for no configuration that is only checked', async () => {
    const feed = new Feed()
    await using memory = await startMemory({}, [feed.plugin])

    expect(await memory.gateway.validate(config())).toEqual([])

    expect(feed.watches).toBe(0)
  })

  it('is told that it takes no label', async () => {
    const feed = new Feed()
    await using memory = await startMemory({}, [feed.plugin])
    const providers = { feed: { eu: {} } }

    expect(await memory.gateway.validate(config({ providers }))).toMatchObject([
      {
        path: ['providers', 'feed'],
        code: 'GW_CONFIG_LABEL',
        message: expect.stringMatching(/no label.*"eu"/),
      },
    ])
  })

  it('is refused with its block', async () => {
    const feed = new Feed()
    await using memory = await startMemory({}, [feed.plugin])

    expect(await memory.gateway.validate(config({ providers: { feed: { x: 1 } } }))).toMatchObject([
      { path: ['providers', 'feed', 'x'] },
    ])
    expect(await memory.gateway.validate(config({ providers: { fed: {} } }))).toMatchObject([
      { path: ['providers', 'fed'], suggestion: 'feed' },
    ])
  })
})

/** A provider whose news come from the test. At first it has nothing to contribute. */
class Feed {
  readonly #type: string
  readonly #precedence: number
  readonly trace: string[] = []
  watches = 0
  #news: GatewayConfigInput[] = [{}]
  #wake: () => void = () => undefined

  constructor(type = 'feed', precedence = 0) {
    this.#type = type
    this.#precedence = precedence
  }

  get plugin(): Plugin {
    return plugin(this.#type, ({ providers }) =>
      providers.register({
        type: this.#type,
        precedence: this.#precedence,
        schema: { type: 'object', additionalProperties: false, properties: {} },
        create: (_options, scope) => {
          scope.onActivate(() => void this.trace.push('activate'))
          scope.defer(() => {
            if (this.watches > 0) this.trace.push('defer')
          })
          return { watch: (signal) => this.#watch(signal) }
        },
      }),
    )
  }

  /** What it says at the beginning; nothing if there is nothing. */
  first(...news: readonly GatewayConfigInput[]): void {
    this.#news = [...news]
  }

  say(news: GatewayConfigInput): void {
    this.#news.push(news)
    this.#wake()
  }

  async *#watch(signal: AbortSignal): AsyncGenerator<GatewayConfigInput> {
    this.watches++
    signal.addEventListener('abort', () => this.#wake())
    while (!signal.aborted) {
      const news = this.#news.shift()
      if (news !== undefined) yield news
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    this.trace.push('stop')
  }
}

function config(rest: GatewayConfigInput = {}): GatewayConfigInput {
  return plainConfig({
    providers: { feed: {} },
    routers: { app: { rule: '/app', service: 'app' } },
    ...rest,
  })
}

/** Comes back when requests for a target get that status. */
async function expectAnswer(memory: MemoryGateway, target: string, status: number): Promise<void> {
  let found = 0
  for (let i = 0; i < 100 && found !== status; i++) {
    await vi.advanceTimersByTimeAsync(100)
    found = (await memory.send({ target })).status
  }
  expect(found).toBe(status)
}

/** Comes back with the first entry of that message. */
async function logged({ logs }: MemoryGateway, message: string): Promise<object | undefined> {
  for (let i = 0; i < 100 && logs.find(message).length === 0; i++) {
    await vi.advanceTimersByTimeAsync(100)
  }
  return logs.find(message)[0]
}
