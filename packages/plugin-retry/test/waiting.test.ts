import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pause } from '../src/waiting.ts'

describe('a pause', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('ends after its time', async () => {
    const ended = vi.fn<() => void>()
    void pause(100, new AbortController().signal).then(ended)

    await vi.advanceTimersByTimeAsync(99)
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(ended).toHaveBeenCalledOnce()
  })

  it('ends at once when the signal aborts, and leaves no timer', async () => {
    const controller = new AbortController()
    const pending = pause(100, controller.signal)

    controller.abort()
    await pending

    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not begin if the signal has aborted', async () => {
    await pause(100, AbortSignal.abort())

    expect(vi.getTimerCount()).toBe(0)
  })
})
