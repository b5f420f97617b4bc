import type { Balancer, BalancerFactory, EndpointPool, Exchange } from '@gatewright/kernel'
import { RequestContext } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { balancerChecks, describeBalancer } from '../../src/conformance/index.ts'
import { failingChecks } from './failing-checks.ts'

const cases = { valid: [{}], invalid: [{ any: 1 }] } as const

describeBalancer(strategy(firstUntried), cases)

/** A fault that somebody could make, the check that finds it, and how it says so. */
const bad: Record<string, [Balancer['pick'], string, string]> = {
  'a pick among all endpoints': [
    ({ all }, { attempts }) => all.find((e) => !attempts?.some((a) => a.endpoint === e)) ?? all[0],
    'picks healthy endpoints only',
    'a was picked while unhealthy',
  ],
  'a pick from nothing': [
    ({ all }) => all[0],
    'picks nothing when no endpoint is healthy',
    'the answer was no error',
  ],
  'a failure when there is nothing': [
    (pool, exchange) => {
      const picked = firstUntried(pool, exchange)
      if (picked === undefined) throw new Error('empty')
      return picked
    },
    'picks nothing when no endpoint is healthy',
    'the answer was GW_PLUGIN_ERROR',
  ],
  'a weight that is not looked at': [
    ({ all }) => all[1],
    'never picks an endpoint with the weight 0',
    'weight 0 was picked',
  ],
  'the same endpoint again and again': [
    ({ available }) => available[0],
    'turns to endpoints that were not tried',
    'of a, b, c one exchange tried a, a, a',
  ],
  'no endpoint once all were tried': [
    ({ available }, { attempts }) =>
      available.find((e) => !attempts?.some((a) => a.endpoint === e)),
    'tries an endpoint again when there is no other',
    'found no endpoint after a, b',
  ],
  'an endpoint that is remembered': [
    remembering(),
    'follows the pool when its endpoints are replaced',
    'a was picked; the pool has',
  ],
  'a list that is sorted in place': [
    ({ available }) => {
      // A strategy in plain JavaScript is not told that it may not.
      Reflect.apply(Array.prototype.reverse, available, [])
      return available[0]
    },
    'leaves the lists of the pool as they are',
    'were changed in place',
  ],
  'a need for a request': [
    (pool, exchange) => {
      // As a strategy does that was written with HTTP in mind.
      const { request } = exchange as RequestContext
      return request.path.startsWith('/') ? firstUntried(pool, exchange) : undefined
    },
    'picks for connections that carry no requests',
    'path',
  ],
}

describe('checks of balancers', () => {
  it.each(Object.entries(bad))('find %s', async (_, [pick, name, problem]) => {
    const failing = await failingChecks(
      balancerChecks(strategy(pick), cases).filter((check) => check.name === name),
    )

    expect(failing[name]).toContain(problem)
  })
})

function strategy(pick: Balancer['pick']): BalancerFactory<object> {
  return {
    type: 'tested',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    create: () => ({ pick }),
  }
}

function firstUntried({ available }: EndpointPool, { attempts }: Exchange) {
  return available.find((e) => !attempts?.some((a) => a.endpoint === e)) ?? available[0]
}

function remembering(): Balancer['pick'] {
  const seen = new Map<string, ReturnType<Balancer['pick']>>()
  return (pool, exchange) => {
    const client = exchange.connection.remoteAddress
    const picked = seen.get(client) ?? firstUntried(pool, exchange)
    seen.set(client, picked)
    return picked
  }
}
