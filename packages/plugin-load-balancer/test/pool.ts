import type { Attempt, Balancer, Endpoint, EndpointPool, Exchange } from '@gatewright/kernel'

/** An endpoint whose counter a test may move. */
export type TestEndpoint = { -readonly [K in keyof Endpoint]: Endpoint[K] }

/** A pool and a way to pick from it, in terms of names. */
export class TestPool implements EndpointPool {
  all: readonly TestEndpoint[]
  available: readonly TestEndpoint[]

  /** @param weights Name → weight. */
  constructor(weights: Readonly<Record<string, number>>) {
    this.all = Object.entries(weights).map(([name, weight]) => ({
      url: new URL(`http://${name}`),
      weight,
      configuredWeight: weight,
      active: 0,
      healthy: true,
      full: false,
    }))
    this.available = this.all
  }

  setHealthy(endpoint: Endpoint, _checker: string, healthy: boolean): void {
    const found = this.all.find((candidate) => candidate === endpoint)
    if (found === undefined) return
    found.healthy = healthy
    this.available = this.all.filter((candidate) => candidate.healthy)
  }

  setLimit(): void {
    throw new Error('no test needs this')
  }

  setShare(): void {
    throw new Error('no test needs this')
  }

  onChange(): Disposable {
    throw new Error('no test needs this')
  }

  update(): void {
    throw new Error('no test needs this')
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
    const attempts = tried.map((name) => ({ endpoint: this.get(name) }))
    return balancer.pick(this, exchangeWith(attempts))?.url.host
  }

  /** So many picks in a row, of exchanges that have tried nothing. */
  picks(balancer: Balancer, count: number): (string | undefined)[] {
    return Array.from({ length: count }, () => this.pick(balancer))
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

function exchangeWith(attempts: readonly Pick<Attempt, 'endpoint'>[]): Exchange {
  // Balancers read nothing of an exchange but the endpoints of its attempts.
  return { attempts: attempts.length === 0 ? undefined : attempts } as unknown as Exchange
}
