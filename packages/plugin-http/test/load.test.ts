import { recordLogs } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import type { OverloadOptions } from '../src/entrypoint-options.ts'
import { Load } from '../src/load.ts'

describe('the load of an entrypoint', () => {
  it.each<[string, number[], boolean]>([
    ['a loop that is on time', [0, 0, 0], false],
    ['one step that took long', [5000, 0, 5000, 0], false],
    ['a loop that is late all the time', [1001, 1001], true],
    ['a loop that is late no longer, but still busy', [2000, 2000, 999, 501, 999, 501, 999], true],
    ['a loop that is on time for a moment', [2000, 2000, 0, 0, 0, 600, 0, 0, 0], true],
    ['a loop that is on time again', [2000, 2000, 0, 499, 0, 0], false],
    ['a loop that is late once again', [2000, 2000, 0, 0, 0, 0, 2000], false],
  ])('after %s', (_what, delays, full) => {
    const load = loadOf({ max_event_loop_delay: 1000, max_requests: 0 })

    for (const delay of delays) load.onDelay(delay)

    expect(load.full).toBe(full)
  })

  it('does not depend on delays if they are not to count', () => {
    const load = loadOf({ max_event_loop_delay: 0, max_requests: 0 })

    load.onDelay(1e6)
    load.onDelay(1e6)

    expect(load.full).toBe(false)
  })

  it('forgets delays once they are not to count', () => {
    const load = loadOf({ max_event_loop_delay: 10, max_requests: 0 })
    load.onDelay(20)
    load.onDelay(20)

    load.configure({ max_event_loop_delay: 0, max_requests: 0 })

    expect(load.full).toBe(false)
  })

  it('counts requests also while they are not bounded', () => {
    const load = loadOf({ max_event_loop_delay: 0, max_requests: 0 })
    load.begin()
    load.begin()

    load.configure({ max_event_loop_delay: 0, max_requests: 2 })

    expect(load.full).toBe(true)
    load.end()
    expect(load.full).toBe(false)
  })

  it.each([
    [2, 0.5, 1],
    [3, 0.5, 2],
    [1, 0.25, 1],
  ])(
    'of %i requests at once for all processes, of which this one is %d, is %i',
    (max, share, own) => {
      const load = loadOf({ max_event_loop_delay: 0, max_requests: max }, share)

      let begun = 0
      for (; !load.full; begun++) load.begin()

      expect(begun).toBe(own)
    },
  )
})

function loadOf(options: OverloadOptions, share = 1): Load {
  return new Load(options, share, recordLogs().log)
}
