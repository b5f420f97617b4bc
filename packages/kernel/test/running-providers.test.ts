import { setImmediate as nextTurn } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Contribution } from '../src/provider.ts'
import { RunningProviders } from '../src/running-providers.ts'

const log = pino({ level: 'silent' })

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

describe('running providers', () => {
  it('tell of news once, after 100 ms without more', async () => {
    const feed = new Feed()
    const onNews = vi.fn<() => void>()
    const providers = new RunningProviders(onNews, log)
    await using running = providers.prepare('feed', feed)
    running.start()

    await feed.say({ routers: { a: 1 } })
    await vi.advanceTimersByTimeAsync(90)
    await feed.say({ routers: { b: 1 } })
    await vi.advanceTimersByTimeAsync(99)
    expect(onNews).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)

    expect(onNews).toHaveBeenCalledTimes(1)
    expect(providers.latest('feed')).toEqual({ routers: { b: 1 } })
  })

  it('tell of news that never end every two seconds', async () => {
    const feed = new Feed()
    const onNews = vi.fn<() => void>()
    await using running = new RunningProviders(onNews, log).prepare('feed', feed)
    running.start()

    for (let ms = 0; ms < 4200; ms += 50) {
      await feed.say({ routers: { [ms]: 1 } })
      await vi.advanceTimersByTimeAsync(50)
    }

    expect(onNews).toHaveBeenCalledTimes(2)
  })

  it('say whether the whole is to be read again', async () => {
    const feed = new Feed()
    const onNews = vi.fn<() => void>()
    const providers = new RunningProviders(onNews, log)
    await using plain = providers.prepare('plain', feed)
    plain.start()
    await feed.say({})
    await vi.advanceTimersByTimeAsync(100)
    const loading = new Feed()
    await using loads = providers.prepare('loads', loading, { loads: true })
    loads.start()
    await loading.say([])
    await vi.advanceTimersByTimeAsync(100)

    expect(onNews.mock.calls).toEqual([[{ rereads: false }], [{ rereads: true }]])
  })

  it('are waited for at a start, as long as each may take', async () => {
    const feed = new Feed()
    const providers = new RunningProviders(() => undefined, log)
    await using prompt = providers.prepare('prompt', feed, { syncTimeoutMs: 5000 })
    await using silent = providers.prepare('silent', new Feed(), { syncTimeoutMs: 5000 })
    prompt.start()
    silent.start()
    const synced = providers.synced()
    await vi.advanceTimersByTimeAsync(4950)
    await feed.say({ routers: {} })
    expect(providers.statuses()).toMatchObject([
      { type: 'prompt', state: 'synced' },
      { type: 'silent', state: 'starting' },
    ])
    await vi.advanceTimersByTimeAsync(50)

    expect(await synced).toEqual({ rereads: false })
  })

  it('are waited for no longer once they are stopped', async () => {
    const providers = new RunningProviders(() => undefined, log)
    const running = providers.prepare('silent', new Feed(), { syncTimeoutMs: 5000 })
    running.start()
    const synced = providers.synced()

    await running[Symbol.asyncDispose]()

    expect(await synced).toBeUndefined()
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
    expect(providers.latest('feed')).toBeUndefined()
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
  #next: Contribution | undefined = undefined

  async say(value: Contribution): Promise<void> {
    this.#next = value
    this.#wake()
    await nextTurn()
  }

  async *watch(signal: AbortSignal): AsyncGenerator<Contribution> {
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
