import { setImmediate as nextTurn } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConfigInput } from '../src/merged-config.ts'
import { RunningProviders } from '../src/running-providers.ts'

const log = pino({ level: 'silent' })

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

describe('running providers', () => {
  it('tell of news once, after half a second without more', async () => {
    const feed = new Feed()
    const onNews = vi.fn<() => void>()
    const providers = new RunningProviders(onNews, log)
    await using running = providers.prepare('feed', feed)
    running.start()

    await feed.say({ routers: { a: 1 } })
    await vi.advanceTimersByTimeAsync(400)
    await feed.say({ routers: { b: 1 } })
    await vi.advanceTimersByTimeAsync(499)
    expect(onNews).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)

    expect(onNews).toHaveBeenCalledTimes(1)
    expect(providers.fragments({ providers: { feed: {} } })).toEqual([
      { source: 'provider "feed"', input: { routers: { b: 1 } } },
    ])
  })

  it('contribute only to a configuration that names them', async () => {
    const feed = new Feed()
    const providers = new RunningProviders(() => undefined, log)
    await using running = providers.prepare('feed', feed)
    running.start()
    await feed.say({ routers: { a: 1 } })

    expect(providers.fragments({})).toEqual([])
    expect(providers.fragments({ providers: { other: {} } })).toEqual([])
  })

  it('start once, however many configurations keep them', async () => {
    const feed = new Feed()
    const providers = new RunningProviders(() => undefined, log)
    await using running = providers.prepare('feed', feed)

    running.start()
    running.start()

    expect(feed.watches).toBe(1)
  })

  it('stop with the configuration, and contribute no more', async () => {
    const feed = new Feed()
    const providers = new RunningProviders(() => undefined, log)
    const running = providers.prepare('feed', feed)
    running.start()
    await feed.say({ routers: { a: 1 } })

    await running[Symbol.asyncDispose]()

    expect(feed.stopped).toBe(true)
    expect(providers.fragments({ providers: { feed: {} } })).toEqual([])
  })

  it('start again after a failure, later each time', async () => {
    let watches = 0
    const broken = {
      watch() {
        watches++
        throw new Error('no source')
      },
    }
    const running = new RunningProviders(() => undefined, log).prepare('broken', broken)
    vi.useRealTimers()
    running.start()
    await vi.waitFor(() => expect(watches).toBe(2), { timeout: 5000 })

    await running[Symbol.asyncDispose]()
    const before = watches
    await nextTurn()

    expect(watches).toBe(before)
  })
})

/** A provider that says what a test tells it to. */
class Feed {
  watches = 0
  stopped = false
  #wake: () => void = () => undefined
  #next: ConfigInput | undefined = undefined

  async say(value: ConfigInput): Promise<void> {
    this.#next = value
    this.#wake()
    await nextTurn()
  }

  async *watch(signal: AbortSignal): AsyncGenerator<ConfigInput> {
    this.watches++
    signal.addEventListener('abort', () => this.#wake())
    while (!signal.aborted) {
      if (this.#next !== undefined) {
        const value = this.#next
        this.#next = undefined
        yield value
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        if (this.#next !== undefined || signal.aborted) resolve()
      })
    }
    this.stopped = true
  }
}
