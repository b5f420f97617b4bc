import { type Attempt, errors, type GatewayError } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { LeastLatencyBalancer } from '../src/least-latency/least-latency.ts'
import { connectionFrom } from './exchange.ts'
import { countByName, seededRandom, type TestEndpoint, TestPool } from './pool.ts'

const seeds = [1, 2, 3, 4, 5]

describe('least-latency', () => {
  it.each(seeds)('gives a server that is ten times slower under half of its share (%i)', (seed) => {
    const traffic = new Traffic({ a: 10, b: 10, c: 10, d: 100 }, seed)

    const counts = countByName(traffic.oneByOne(1000))

    expect(counts['d']).toBeGreaterThan(0)
    expect(counts['d']).toBeLessThan(1000 / 4 / 2)
  })

  it.each(seeds)('does so also where there are only two servers (%i)', (seed) => {
    const traffic = new Traffic({ a: 10, b: 100 }, seed)

    const counts = countByName(traffic.atOnce(4, 1000))

    expect(counts['b']).toBeLessThan(1000 / 2 / 2)
  })

  it.each(seeds)('does so also while many requests are in flight (%i)', (seed) => {
    const traffic = new Traffic({ a: 10, b: 10, c: 10, d: 100 }, seed)

    const counts = countByName(traffic.atOnce(20, 5000))

    expect(counts['d']).toBeGreaterThan(0)
    expect(counts['d']).toBeLessThan(5000 / 4 / 2)
  })

  it.each(seeds)('spreads traffic over servers that are alike (%i)', (seed) => {
    const traffic = new Traffic({ a: 10, b: 10, c: 10, d: 10 }, seed)

    const counts = countByName(traffic.atOnce(8, 4000))

    expect(Math.min(...Object.values(counts))).toBeGreaterThan(700)
  })

  it.each(seeds)('is not attracted by a server that fails at once (%i)', (seed) => {
    const traffic = new Traffic({ a: 20, b: 20, c: 20, d: 1 }, seed)
    traffic.outcomes = { d: 503 }

    const counts = countByName(traffic.oneByOne(1000))

    expect(counts['d']).toBeLessThan(20)
  })

  it.each<{ what: string; outcome: Outcome; penalty: boolean }>([
    { what: 'a lost connection', outcome: reset(), penalty: true },
    { what: 'status 500', outcome: 500, penalty: true },
    { what: 'status 501, which is about the request', outcome: 501, penalty: false },
    { what: 'status 404', outcome: 404, penalty: false },
    { what: 'a client that leaves', outcome: errors.GW_CLIENT_ABORTED(), penalty: false },
  ])('takes $what for a failure of the server: $penalty', ({ outcome, penalty }) => {
    const traffic = new Traffic({ a: 20, b: 1 }, 1)
    traffic.outcomes = { b: outcome }

    const counts = countByName(traffic.oneByOne(100))

    expect((counts['b'] ?? 0) < 50).toBe(penalty)
  })

  it('takes a response that breaks off for a failure', () => {
    const traffic = new Traffic({ a: 20, b: 1 }, 1)
    traffic.oneByOne(10)
    for (let i = 0; i < 100; i++) traffic.breakOff('b', 10)

    expect(countByName(traffic.oneByOne(20))).toEqual({ a: 20 })
  })

  it('comes back to a server that has become fast', () => {
    const traffic = new Traffic({ a: 10, b: 1000 }, 1)
    traffic.oneByOne(100)
    traffic.latencies['b'] = 1

    traffic.oneByOne(10_000)

    expect(countByName(traffic.oneByOne(100))).toEqual({ b: 100 })
  })

  it('tries every server before it repeats one, as long as it is idle', () => {
    const traffic = new Traffic({ a: 5, b: 5 }, 1)

    expect(new Set(traffic.oneByOne(2)).size).toBe(2)
  })

  it('spreads requests that come before the first answer', () => {
    const pool = new TestPool({ a: 1, b: 1, c: 1 })
    const balancer = new LeastLatencyBalancer(options, { random: seededRandom(1) })

    for (let i = 0; i < 30; i++) pool.get(pool.pick(balancer) ?? '').active++

    expect(Math.max(...pool.all.map(({ active }) => active))).toBeLessThan(14)
  })

  it('goes by weight where servers are equally fast and idle', () => {
    const traffic = new Traffic({ a: 10, b: 10 }, 1, { a: 3, b: 1 })

    const counts = countByName(traffic.oneByOne(1000))

    expect((counts['b'] ?? 0) / 1000).toBeCloseTo(0.25, 1)
  })

  it.each([2, 5])('spares one of %i servers that has just come up', (servers) => {
    const names = ['a', 'b', 'c', 'd', 'e'].slice(0, servers)
    const traffic = new Traffic(Object.fromEntries(names.map((name) => [name, 10])), 1)
    traffic.startSlowly('a', 0.1)
    traffic.latencies['a'] = 5

    const counts = countByName(traffic.oneByOne(2000))

    // A tenth of what the others have; it may have more of that, since it is faster.
    expect(counts['a']).toBeGreaterThan(0)
    expect((counts['a'] ?? 0) / 2000).toBeLessThan((2 * 0.1) / (servers - 1 + 0.1))
  })

  it('fills a server with a higher weight more', () => {
    const traffic = new Traffic({ a: 10, b: 10 }, 1, { a: 3, b: 1 })

    const counts = countByName(traffic.atOnce(16, 2000))

    expect(counts['a']).toBeGreaterThan(1300)
    expect(counts['b']).toBeGreaterThan(100)
  })
})

const options = { decay: 10_000 }

type Outcome = number | GatewayError

interface Flight {
  readonly endpoint: TestEndpoint
  readonly startedAt: number
  readonly endsAt: number
}

/** Requests to servers that take a known time each, on a clock of its own. */
class Traffic {
  /** Server → milliseconds. */
  readonly latencies: Record<string, number>
  /** Server → status or error; default 200. */
  outcomes: Readonly<Record<string, Outcome>> = {}
  #now = 0
  readonly #pool: TestPool
  readonly #balancer: LeastLatencyBalancer

  constructor(
    latencies: Readonly<Record<string, number>>,
    seed: number,
    weights = Object.fromEntries(Object.keys(latencies).map((name) => [name, 1])),
  ) {
    this.latencies = { ...latencies }
    this.#pool = new TestPool(weights)
    const random = seededRandom(seed)
    this.#balancer = new LeastLatencyBalancer(options, { random, now: () => this.#now })
  }

  oneByOne(count: number): string[] {
    return this.atOnce(1, count)
  }

  /** Who gets so many requests, of which so many are in flight at each time. */
  atOnce(inFlight: number, count: number): string[] {
    const picked: string[] = []
    const flights: Flight[] = []
    while (picked.length < count) {
      if (flights.length === inFlight) this.#land(flights)
      const flight = this.#begin()
      picked.push(flight.endpoint.url.host)
      flights.push(flight)
    }
    while (flights.length > 0) this.#land(flights)
    return picked
  }

  startSlowly(name: string, share: number): void {
    this.#pool.setShare(this.#pool.get(name), 'test', share)
  }

  /** A response of that server ends before its time, so much later. */
  breakOff(name: string, later: number): void {
    this.#now += later
    const attempt = this.#attempt({ endpoint: this.#pool.get(name), startedAt: 0, endsAt: 0 })
    this.#balancer.attemptBroke(connectionFrom('192.0.2.1'), attempt)
  }

  #begin(): Flight {
    const endpoint = this.#pool.get(this.#pool.pick(this.#balancer) ?? '')
    endpoint.active++
    const took = this.latencies[endpoint.url.host] ?? 0
    return { endpoint, startedAt: this.#now, endsAt: this.#now + took }
  }

  #land(flights: Flight[]): void {
    const [first] = flights.toSorted((a, b) => a.endsAt - b.endsAt)
    if (first === undefined) return
    flights.splice(flights.indexOf(first), 1)
    this.#now = first.endsAt
    first.endpoint.active--
    this.#balancer.attemptEnded(connectionFrom('192.0.2.1'), this.#attempt(first))
  }

  #attempt({ endpoint, startedAt }: Flight): Attempt {
    const outcome = this.outcomes[endpoint.url.host] ?? 200
    const status = typeof outcome === 'number' ? outcome : undefined
    const error = typeof outcome === 'number' ? undefined : outcome
    // What the strategy looks at.
    return { endpoint, startedAt, status, error } as Attempt
  }
}

function reset(): GatewayError {
  return errors.GW_UPSTREAM_RESET({ endpoint: 'http://b', problem: 'gone' })
}
