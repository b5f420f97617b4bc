import { type MountedFeature, mountServiceFeature } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { panicThreshold } from '../src/index.ts'
import { PanicPool } from '../src/panic/panic-pool.ts'
import { TestPool } from './pool.ts'

describe('the endpoints that a strategy sees', () => {
  it.each([
    { threshold: 50, up: 'a b c d', seen: 'a b c d' },
    { threshold: 50, up: 'a b', seen: 'a b' },
    { threshold: 50, up: 'a', seen: 'a b c d' },
    { threshold: 50, up: '', seen: 'a b c d' },
    { threshold: 100, up: 'a b c', seen: 'a b c d' },
    { threshold: 1, up: 'a', seen: 'a' },
    { threshold: 1, up: '', seen: 'a b c d' },
  ])('are $seen if $up are up and the threshold is $threshold', ({ threshold, up, seen }) => {
    const pool = new TestPool({ a: 1, b: 1, c: 1, d: 1 })
    pool.keepUp(...up.split(' '))

    expect(namesOf(new PanicPool(pool, threshold, ignore))).toBe(seen)
  })

  it('are neither drained nor full, and drained ones do not count', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 0, d: 0 })
    const view = new PanicPool(pool, 50, ignore)
    pool.keepUp('a')
    expect(namesOf(view)).toBe('a')

    pool.get('b').full = true
    pool.keepUp()

    expect(namesOf(view)).toBe('a')
  })

  it('are the same list until something changes', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    const view = new PanicPool(pool, 50, ignore)
    expect(view.available).toBe(pool.available)

    pool.keepUp('a')
    const { available } = view

    expect(view.available).toBe(available)
    expect(view.all).toBe(pool.all)
  })

  it('tell when the panic begins and ends', () => {
    const told: unknown[] = []
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    const view = new PanicPool(pool, 50, (...what) => told.push(what.join(' ')))

    for (const up of [['a', 'b'], ['a'], [], ['a', 'b', 'c'], ['a', 'b']]) {
      pool.keepUp(...up)
      namesOf(view)
    }

    expect(told).toEqual(['true 1 3', 'false 3 3'])
  })
})

describe('panic_threshold', () => {
  it('sends requests to all servers while too few are healthy, and says so', async () => {
    await using mounted = await mountServiceFeature(panicThreshold, 50, {
      servers: ['a', 'b', 'c'],
    })
    expect(await setUp(mounted, 'a', 'b')).toBe('a a a')
    expect(await setUp(mounted, 'c')).toBe('a a a')
    expect(await setUp(mounted, 'b', 'c')).toBe('b b b')

    const told = mounted.logs.entries.filter(({ msg }) => /servers are healthy/.test(String(msg)))
    expect(told).toMatchObject([
      { msg: 'too few servers are healthy; all get traffic', healthy: 1, servers: 3 },
      { msg: 'enough servers are healthy again', healthy: 2, servers: 3 },
    ])
  })

  it('is off with 0', async () => {
    await using mounted = await mountServiceFeature(panicThreshold, 0)

    expect(await setUp(mounted, 'b')).toBe('b b b')
    for (const endpoint of mounted.service().pool.all) {
      mounted.service().pool.setHealthy(endpoint, 'test', false)
    }

    expect(await mounted.send()).toMatchObject({ status: 503 })
  })
})

function namesOf({ available }: PanicPool): string {
  return available.map(({ url }) => url.host).join(' ')
}

function ignore(): void {
  // Not what is tested.
}

/** Lets these servers be healthy; then tells who gets the next requests. */
async function setUp(mounted: MountedFeature, ...names: readonly string[]): Promise<string> {
  const { pool } = mounted.service()
  for (const endpoint of pool.all) {
    pool.setHealthy(endpoint, 'test', names.includes(endpoint.url.host))
  }
  const before = mounted.upstream.requests.length
  for (let i = 0; i < 3; i++) await mounted.send()
  return mounted.upstream.requests
    .slice(before)
    .map(({ attempt }) => attempt.endpoint.url.host)
    .join(' ')
}
