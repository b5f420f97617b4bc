/**
 * How long each strategy takes to choose one of some servers, all of which are busy.
 *
 * @module
 */
import type {
  Attempt,
  Balancer,
  BalancerFactory,
  Endpoint,
  EndpointPool,
  Scope,
} from '@gatewright/kernel'
import {
  consistentHash,
  leastConnections,
  leastLatency,
  random,
  randomTwoChoices,
  roundRobin,
  weighted,
} from '@gatewright/plugin-load-balancer'
import { createExchange } from './exchange.ts'
import type { MicroResult } from './micro.ts'
import { bestNanos } from './timing.ts'

interface Case {
  readonly name: string
  readonly factory: BalancerFactory
  readonly options?: object
}

const byKey = { hash_on: 'header:x-zone', hash_missing: 'client_ip' }
/** Every strategy; `ip-hash` is `consistent-hash` under another name. */
const cases: readonly Case[] = [
  { name: 'round-robin', factory: roundRobin },
  { name: 'weighted', factory: weighted },
  { name: 'least-connections', factory: leastConnections },
  { name: 'random', factory: random },
  { name: 'random-two-choices', factory: randomTwoChoices },
  { name: 'least-latency', factory: leastLatency, options: { decay: 10_000 } },
  { name: 'consistent-hash', factory: consistentHash, options: byKey },
  {
    name: 'consistent-hash with a bound',
    factory: consistentHash,
    options: { ...byKey, load_factor: 1.25 },
  },
]
const servers = 10
const repetitions = 1000

/** One figure for each strategy. */
export function measureBalancers(): readonly MicroResult[] {
  return cases.map(({ name, factory, options = {} }) => ({
    name: `${name} among ${servers} servers`,
    nanos: measure(factory.create(options, scope)),
  }))
}

function measure(balancer: Balancer): number {
  const pool = createPool()
  const exchange = createExchange('example.com', '/users/42?page=2')
  for (const endpoint of pool.all) {
    const attempt = { endpoint, startedAt: performance.now(), status: 200, error: undefined }
    // That is all of an attempt that strategies look at.
    balancer.attemptEnded?.(exchange, attempt as unknown as Attempt)
  }
  return bestNanos(repetitions, () => {
    for (let i = 0; i < repetitions; i++) {
      if (balancer.pick(pool, exchange) === undefined) throw new Error('nothing was picked')
    }
  })
}

function createPool(): EndpointPool {
  const all = Array.from({ length: servers }, (_, index): Endpoint => {
    const url = new URL(`http://10.0.0.${index}:8080`)
    // Some have more to do than others, so that nothing is decided at the first look.
    const active = index % 3
    return { url, weight: 1, configuredWeight: 1, active, healthy: true, full: false }
  })
  // Strategies look at the lists and call nothing.
  return { all, available: all } as unknown as EndpointPool
}

/** Strategies ask for what they keep, and for nothing else. */
const scope = {
  name: 'app',
  keep: <T>(_key: string, create: () => T): T => create(),
} as unknown as Scope
