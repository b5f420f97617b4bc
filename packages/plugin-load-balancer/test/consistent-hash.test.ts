import { array, assert, integer, nat, property, record, uniqueArray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConsistentHashBalancer } from '../src/consistent-hash/consistent-hash.ts'
import { RingShelf } from '../src/consistent-hash/ring-shelf.ts'
import type { ConsistentHashOptions } from '../src/options.ts'
import { requestWith } from './exchange.ts'
import { countByName, TestPool } from './pool.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']

describe('consistent-hash', () => {
  it('sends exchanges with the same key to the same endpoint', () => {
    const pool = poolOf(names)
    const balancer = byHeader()

    expect(placesOf(pool, balancer)).toEqual(placesOf(pool, balancer))
  })

  it('chooses alike in gateways that list the servers in another order', () => {
    const there = placesOf(poolOf(names), byHeader())
    const elsewhere = placesOf(poolOf(names.toReversed()), byHeader())

    expect(elsewhere).toEqual(there)
  })

  it('takes available endpoints in whatever order they are listed', () => {
    const pool = poolOf(names)
    const before = placesOf(pool, byHeader())
    pool.available = pool.available.toReversed()

    expect(placesOf(pool, byHeader())).toEqual(before)
  })

  it.each([2, 3, 5, 10])('moves at most 1/N + 5 %% of the keys when one of %i goes', (count) => {
    const pool = poolOf(names.slice(0, count))
    const balancer = byHeader()
    const before = placesOf(pool, balancer)

    for (const leaver of names.slice(0, count)) {
      pool.keepUp(...names.slice(0, count).filter((name) => name !== leaver))
      const moved = placesOf(pool, balancer).filter((name, i) => name !== before[i]).length

      expect(moved / keys.length).toBeLessThan(1 / count + 0.05)
    }
  })

  it('moves no keys but those of the endpoint that goes', () => {
    const hosts = uniqueArray(nat(10_000), { minLength: 2, maxLength: 12 })
    assert(
      property(hosts, nat(), (numbers, which) => {
        const all = numbers.map((number) => `server-${number}`)
        const leaver = all[which % all.length] ?? ''
        const pool = poolOf(all)
        const balancer = byHeader()
        const before = placesOf(pool, balancer, 200)

        pool.hold(...all.filter((name) => name !== leaver))
        const after = placesOf(pool, balancer, 200)

        const stayed = before.map((name, i) => (name === leaver ? after[i] : name))
        expect(after).toEqual(stayed)
      }),
      { numRuns: 30 },
    )
  })

  it('gives keys back when their endpoint comes back', () => {
    const pool = poolOf(names)
    const balancer = byHeader()
    const before = placesOf(pool, balancer)

    pool.keepUp('a', 'b')
    placesOf(pool, balancer)
    pool.keepUp(...names)

    expect(placesOf(pool, balancer)).toEqual(before)
  })

  it.each([
    { weights: { a: 1, b: 1, c: 1, d: 1 } },
    { weights: { a: 3, b: 1 } },
    { weights: { a: 5, b: 3, c: 2 } },
    { weights: { a: 200, b: 100, c: 100 } },
    { weights: { a: 10_000, b: 10_000 } },
  ])('gives each endpoint of $weights its part of the keys', ({ weights }) => {
    const pool = new TestPool(weights)
    const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0)

    const counts = countByName(placesOf(pool, byHeader()))

    for (const [name, weight] of Object.entries(weights)) {
      expect(Math.abs((counts[name] ?? 0) / keys.length - weight / total)).toBeLessThan(0.05)
    }
  })

  it('takes servers with the same URL for several', () => {
    const pool = poolOf(['a'])
    const url = new URL('http://b')
    pool.update([{ url: new URL('http://a'), weight: 1 }])
    const [a] = pool.all
    if (a === undefined) expect.fail()
    pool.all = [a, { ...a, url }, { ...a, url }]
    pool.available = pool.all
    const balancer = byHeader()

    const picked = new Set(keys.map((key) => balancer.pick(pool, exchangeOf(key))))

    expect(picked).toEqual(new Set(pool.all))
  })

  it('builds rings of many servers with high weights in a moment', () => {
    const many = Array.from({ length: 500 }, (_, i): [string, number] => [`server-${i}`, 1000])
    const pool = new TestPool(Object.fromEntries(many))

    const counts = countByName(placesOf(pool, byHeader()))

    expect(Math.max(...Object.values(counts))).toBeLessThan((5 * keys.length) / 500)
  })
})

describe('the ring of consistent-hash', () => {
  it('is built for other servers or weights only, not for changes of their health', () => {
    const pool = poolOf(names)
    const shelf = new RingShelf()
    const balancer = byHeader({}, shelf)
    placesOf(pool, balancer, 1)
    const ring = shelf.ringOf(pool.all)

    pool.keepUp('a', 'b')
    pool.setShare(pool.get('a'), 'test', 0.1)
    placesOf(pool, balancer, 1)
    pool.hold(...names)
    placesOf(pool, byHeader({}, shelf), 1)
    expect(shelf.ringOf(pool.all)).toBe(ring)

    pool.get('a').configuredWeight = 2
    expect(shelf.ringOf(pool.all)).not.toBe(ring)
  })
})

describe('a retry with consistent-hash', () => {
  it('goes where the key would belong without the endpoint that was tried', () => {
    const pool = poolOf(names)
    const balancer = byHeader()
    for (const key of keys.slice(0, 100)) {
      pool.keepUp(...names)
      const first = pool.pickFor(exchangeOf(key), balancer) ?? ''
      const second = pool.pickFor(exchangeOf(key), balancer, first)
      pool.keepUp(...names.filter((name) => name !== first))

      expect(second).toBe(pool.pickFor(exchangeOf(key), balancer))
    }
  })

  it('comes back to the first one when all were tried', () => {
    const pool = poolOf(['a', 'b', 'c'])
    const balancer = byHeader({ load_factor: 1.25 })
    const first = pool.pickFor(exchangeOf('x'), balancer)
    pool.get(first ?? '').active = 50

    expect(pool.pickFor(exchangeOf('x'), balancer, 'a', 'b', 'c')).toBe(first)
  })
})

describe('a load factor', () => {
  it('keeps every endpoint below that part of the mean, however hot a key is', () => {
    const weight = integer({ min: 1, max: 5 })
    const weights = record({ a: weight, b: weight, c: weight, d: weight })
    const hot = array(integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 200 })
    assert(
      property(weights, hot, integer({ min: 100, max: 300 }), (shares, order, percent) => {
        const pool = new TestPool(shares)
        const total = Object.values(shares).reduce((sum, share) => sum + share, 0)
        const factor = percent / 100
        const balancer = byHeader({ load_factor: factor })

        order.forEach((key, before) => {
          const endpoint = pool.get(pool.pickFor(exchangeOf(`${key}`), balancer) ?? '')
          endpoint.active++
          const bound = (factor * (before + 1) * endpoint.weight) / total

          expect(endpoint.active).toBeLessThanOrEqual(Math.ceil(bound + 1e-9))
        })
      }),
    )
  })

  it('moves no key as long as the load is even', () => {
    const pool = poolOf(names)
    const unbounded = placesOf(pool, byHeader())
    for (const endpoint of pool.all) endpoint.active = 10

    expect(placesOf(pool, byHeader({ load_factor: 1.25 }))).toEqual(unbounded)
  })

  it('sends what is too much to the next endpoint, always the same', () => {
    const pool = poolOf(names)
    const balancer = byHeader({ load_factor: 1.25 })
    const first = pool.pickFor(exchangeOf('hot'), balancer) ?? ''
    const next = pool.pickFor(exchangeOf('hot'), balancer, first)
    pool.get(first).active = 20

    const picks = Array.from({ length: 5 }, () => pool.pickFor(exchangeOf('hot'), balancer))

    expect(countByName(picks)).toEqual({ [next ?? '']: 5 })
  })

  it('that is not there leaves a hot key where it is', () => {
    const pool = poolOf(names)
    const balancer = byHeader()
    const first = pool.pickFor(exchangeOf('hot'), balancer) ?? ''
    pool.get(first).active = 1000

    expect(pool.pickFor(exchangeOf('hot'), balancer)).toBe(first)
  })
})

describe('an endpoint of which a part counts', () => {
  it('gets that part of its keys, and those of others stay', () => {
    const pool = poolOf(names)
    const balancer = byHeader()
    const full = placesOf(pool, balancer)
    pool.setShare(pool.get('a'), 'test', 0.5)

    const half = placesOf(pool, balancer)

    const [all, left] = [full, half].map((places) => countByName(places)['a'] ?? 0)
    expect((left ?? 0) / (all ?? 1)).toBeCloseTo(0.5, 1)
    const foreign = full.flatMap((name, i) => (name === 'a' ? [] : [half[i] === name]))
    expect(foreign).not.toContain(false)
  })

  it('gets its keys back one after the other, none of them twice', () => {
    const pool = poolOf(names)
    const balancer = byHeader()
    let had = new Set<number>()

    for (const share of [0.1, 0.3, 0.6, 1]) {
      pool.setShare(pool.get('a'), 'test', share)
      const has = placesOf(pool, balancer).flatMap((name, i) => (name === 'a' ? [i] : []))

      expect([...had].filter((i) => !has.includes(i))).toEqual([])
      expect(has.length).toBeGreaterThan(had.size)
      had = new Set(has)
    }
  })

  it('makes no difference if it is the same for all', () => {
    const pool = poolOf(names)
    const before = placesOf(pool, byHeader())
    for (const name of names) pool.setShare(pool.get(name), 'test', 0.1)

    expect(placesOf(pool, byHeader())).toEqual(before)
  })
})

const keys = Array.from({ length: 2000 }, (_, i) => `user-${i}`)

function poolOf(hosts: readonly string[]): TestPool {
  return new TestPool(Object.fromEntries(hosts.map((name) => [name, 1])))
}

function byHeader(
  options: Partial<ConsistentHashOptions> = {},
  shelf = new RingShelf(),
): ConsistentHashBalancer {
  return new ConsistentHashBalancer(
    { hash_on: 'header:x-key', hash_missing: 'client_ip', ...options },
    shelf,
  )
}

function exchangeOf(key: string): ReturnType<typeof requestWith> {
  return requestWith({ headers: ['x-key', key] })
}

/** Where each key goes. */
function placesOf(
  pool: TestPool,
  balancer: ConsistentHashBalancer,
  count = keys.length,
): (string | undefined)[] {
  return keys.slice(0, count).map((key) => pool.pickFor(exchangeOf(key), balancer))
}
