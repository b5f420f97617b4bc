import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PassiveHealthOptions } from '../src/options.ts'
import { WatchedServer } from '../src/passive/watched-server.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a server that answers with errors', () => {
  it('is put out by so many of them within the window', () => {
    const { trace, fail } = watch({ error_threshold: 3 })

    fail(2)
    expect(trace).toEqual([])
    fail(1)

    expect(trace).toEqual(['out 10000'])
  })

  it('is put out whatever came between them', () => {
    const { trace, fail, succeed } = watch({ error_threshold: 3 })

    for (let i = 0; i < 3; i++) {
      fail(1)
      succeed()
    }

    expect(trace).toEqual(['out 10000'])
  })

  it('is not blamed for what happened before the window', () => {
    const { trace, fail } = watch({ error_threshold: 3, window: 30_000 })

    fail(2)
    vi.advanceTimersByTime(30_001)
    fail(2)
    expect(trace).toEqual([])
    fail(1)

    expect(trace).toEqual(['out 10000'])
  })

  it('is tried out after a while, and comes back if that goes well', () => {
    const { trace, fail, succeed } = watch({})

    fail(1)
    vi.advanceTimersByTime(9999)
    expect(trace).toEqual(['out 10000'])
    vi.advanceTimersByTime(1)
    succeed()
    succeed()

    expect(trace).toEqual(['out 10000', 'trial', 'in'])
  })

  it('stays out if that does not go well, for longer each time', () => {
    const { trace, fail, succeed } = watch({ backoff: 2, max_recovery: 35_000 })

    for (const _ of 'abcd') {
      fail(1)
      vi.advanceTimersByTime(60_000)
    }
    succeed()
    fail(1)

    expect(trace.filter((step) => step !== 'trial')).toEqual([
      'out 10000',
      'out 20000',
      'out 35000',
      'out 35000',
      'in',
      'out 10000',
    ])
  })

  it('is not judged by what began before the trial', () => {
    const { trace, fail, server } = watch({})

    fail(1)
    vi.advanceTimersByTime(10_000)
    server.record(true, undefined, performance.now())
    server.record(false, undefined, performance.now())

    expect([trace, server.state]).toEqual([['out 10000', 'trial'], 'trial'])
  })

  it('gets as many trials at once as it may, and others when they show nothing', () => {
    const { admitted, fail, server } = watch({ half_open_requests: 2 })
    fail(1)
    vi.advanceTimersByTime(10_000)

    const first = server.tryBeginTrial() ?? expect.fail()
    expect(admitted()).toBe(true)
    server.tryBeginTrial()
    expect(admitted()).toBe(false)
    server.endTrial(first)

    expect(admitted()).toBe(true)
  })

  it('is not moved by trials of an earlier time', () => {
    const { admitted, fail, server } = watch({})
    fail(1)
    vi.advanceTimersByTime(10_000)
    const early = server.tryBeginTrial() ?? expect.fail()
    const failing = server.tryBeginTrial()
    server.record(true, failing, performance.now())
    vi.advanceTimersByTime(10_000)
    server.tryBeginTrial()

    server.endTrial(early)
    server.record(true, early, performance.now())

    expect([server.state, admitted()]).toEqual(['trial', false])
  })

  it('stays if too many are out, until one may go', () => {
    let allowed = false
    const { trace, fail } = watch({ error_threshold: 2 }, () => allowed)

    fail(4)
    expect(trace).toEqual([])
    allowed = true
    fail(1)

    expect(trace).toEqual(['out 10000'])
  })
})

const defaults: PassiveHealthOptions = {
  enabled: true,
  error_threshold: 1,
  window: 30_000,
  statuses: [500],
  codes: [],
  recovery: 10_000,
  backoff: 1,
  max_recovery: 300_000,
  max_ejected_percent: 100,
  half_open_requests: 1,
}

function watch(options: Partial<PassiveHealthOptions>, mayEject = () => true) {
  const trace: string[] = []
  let admitted = true
  const server = new WatchedServer(
    { ...defaults, ...options },
    {
      mayEject,
      admit: (next) => void (admitted = next),
      announce: (state, forMs) => void trace.push(state === 'out' ? `out ${forMs}` : state),
    },
  )
  const record = (failed: boolean): void =>
    server.record(failed, server.tryBeginTrial(), performance.now())
  return {
    server,
    trace,
    admitted: () => admitted,
    succeed: () => record(false),
    fail: (times: number) => {
      for (let i = 0; i < times; i++) record(true)
    },
  }
}
