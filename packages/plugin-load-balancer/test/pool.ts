import type { Attempt, Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'
import { connectionFrom } from './exchange.ts'

/** An endpoint whose counter a test may move. */
export type TestEndpoint = { -readonly [K in keyof Endpoint]: Endpoint[K] }

/** A pool and a way to pick from it, in terms of names. */
export class TestPool implements EndpointPool {
  all: readonly TestEndpoint[]
  available: readonly TestEndpoint[] = []
  readonly #listeners = new Set<() => void>()
  #clients = 0

  /** @param weights Name → weight. */
  constructor(weights: Readonly<Record<string, number>>) {
    this.all = Object.entries(weights).map(([name, weight]) => endpointOf(name, weight))
    this.#refresh()
  }

  setHealthy(endpoint: Endpoint, _checker: string, healthy: boolean): void {
    this.#change(endpoint, (found) => (found.healthy = healthy))
  }

  setShare(endpoint: Endpoint, _owner: string, share: number | undefined): void {
    this.#change(endpoint, (found) => (found.weight = found.configuredWeight * (share ?? 1)))
  }

  setLimit(): void {
    throw new Error('no test needs this')
  }

  onChange(fn: () => void): Disposable {
    this.#listeners.add(fn)
    return { [Symbol.dispose]: () => void this.#listeners.delete(fn) }
  }

  /** How many follow it. */
  get followers(): number {
    return this.#listeners.size
  }

  update(targets: readonly { readonly url: URL; readonly weight: number }[]): void {
    this.all = targets.map(
      ({ url, weight }) =>
        this.all.find((endpoint) => endpoint.url.host === url.host) ?? endpointOf(url.host, weight),
    )
    this.#refresh()
  }

  /** Makes these the only ones, each with the weight 1 if it is new. */
  hold(...names: readonly string[]): void {
    this.update(names.map((name) => ({ url: new URL(`http://${name}`), weight: 1 })))
  }

  get(name: string): TestEndpoint {
    const found = this.all.find(({ url }) => url.host === name)
    if (found === undefined) throw new Error(`no endpoint "${name}"`)
    return found
  }

  /** Makes these the available ones, as a health check would. */
  keepUp(...names: readonly string[]): void {
    for (const endpoint of this.all) {
      this.setHealthy(endpoint, 'test', names.includes(endpoint.url.host))
    }
  }

  /** The name that the balancer picks, after tries at `tried`. */
  pick(balancer: Balancer, ...tried: readonly string[]): string | undefined {
    // Clients differ, for those who look at them.
    const exchange = connectionFrom(`192.0.2.${this.#clients++ % 256}`)
    return this.pickFor(exchange, balancer, ...tried)
  }

  /** The same for an exchange of which more is known. */
  pickFor(exchange: Exchange, balancer: Balancer, ...tried: readonly string[]): string | undefined {
    // Balancers look at nothing but the endpoints of attempts.
    exchange.attempts = tried.map((name) => ({ endpoint: this.get(name) })) as Attempt[]
    return balancer.pick(this, exchange)?.url.host
  }

  /** So many picks in a row, of exchanges that have tried nothing. */
  picks(balancer: Balancer, count: number): (string | undefined)[] {
    return Array.from({ length: count }, () => this.pick(balancer))
  }

  #change(endpoint: Endpoint, change: (found: TestEndpoint) => void): void {
    const found = this.all.find((candidate) => candidate === endpoint)
    if (found === undefined) return
    change(found)
    this.#refresh()
  }

  #refresh(): void {
    this.available = this.all.filter(({ healthy, full, weight }) => healthy && !full && weight > 0)
    for (const listener of this.#listeners) listener()
  }
}

/** How often each name occurs. */
export function countByName(names: readonly (string | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name ?? 'none'] = (counts[name ?? 'none'] ?? 0) + 1
  return counts
}

/** The same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function endpointOf(name: string, weight: number): TestEndpoint {
  const url = new URL(`http://${name}`)
  return { url, weight, configuredWeight: weight, active: 0, healthy: true, full: false }
}
