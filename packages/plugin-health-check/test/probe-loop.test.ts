import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProbeLoop } from '../src/active/probe-loop.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.spyOn(Math, 'random').mockReturnValue(1)
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a server that is asked', () => {
  it('has its pause, however long that is', async () => {
    const probe = vi.fn<() => Promise<void>>(() => Promise.resolve())
    // The longest that a configuration may say, which jitter makes longer than a timer can wait.
    const prober = { probe, close: () => Promise.resolve() }
    const pace = { intervalMs: 2 ** 31 - 1, timeoutMs: 5000, jitter: 0.5 }
    const loop = new ProbeLoop(new URL('http://a'), prober, pace, () => undefined)

    await vi.advanceTimersByTimeAsync(3_600_000)
    loop[Symbol.dispose]()

    expect(probe).toHaveBeenCalledTimes(1)
  })
})
