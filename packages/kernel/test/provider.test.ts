import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GatewayConfigInput } from '../src/config.ts'
import type { Plugin } from '../src/plugin.ts'
import { type MemoryGateway, plainConfig, plugin, startMemory } from './support/memory-gateway.ts'

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
    await applied(memory, 2)

    expect((await memory.send({ target: '/new' })).status).toBe(200)
    expect((await memory.send({ target: '/app' })).status).toBe(200)
  })

  it('says everything it knows, so that what it leaves out is gone', async () => {
    const feed = new Feed()
    await using memory = await startMemory(config(), [feed.plugin])
    feed.say({ routers: { new: { rule: '/new', service: 'app' } } })
    await applied(memory, 2)

    feed.say({ routers: {} })
    await applied(memory, 3)

    expect((await memory.send({ target: '/new' })).status).toBe(404)
  })

  it('changes nothing with news that make no configuration', async () => {
    const feed = new Feed()
    await using memory = await startMemory(config(), [feed.plugin])

    feed.say({
      routers: { app: { rule: '/x', service: 'app' }, bad: { rule: '/', service: 'no' } },
    })
    await vi.advanceTimersByTimeAsync(500)
    await vi.waitFor(() =>
      expect(memory.logs.find('news of a provider were refused')).toMatchObject([
        {
          code: 'GW_CONFIG_INVALID',
          problems: [
            {
              path: ['routers', 'app'],
              message: 'defined by the configuration and by provider "feed"',
            },
            { path: ['routers', 'bad', 'service'] },
          ],
        },
      ]),
    )

    expect(memory.gateway.snapshot.version).toBe(1)
    expect((await memory.send({ target: '/app' })).status).toBe(200)
  })

  it('goes on over reloads with the same block, and what it said stays', async () => {
    const feed = new Feed()
    await using memory = await startMemory(config(), [feed.plugin])
    feed.say({ routers: { new: { rule: '/new', service: 'app' } } })
    await applied(memory, 2)

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

/** A provider whose news come from the test. */
class Feed {
  readonly trace: string[] = []
  watches = 0
  #news: GatewayConfigInput[] = []
  #wake: () => void = () => undefined

  get plugin(): Plugin {
    return plugin('feed', ({ providers }) =>
      providers.register({
        type: 'feed',
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

/** Comes back when the configuration of that version is active. */
async function applied({ gateway }: MemoryGateway, version: number): Promise<void> {
  for (let i = 0; i < 100 && gateway.snapshot.version < version; i++) {
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(gateway.snapshot.version).toBe(version)
}
