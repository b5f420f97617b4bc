import type { EndpointPool } from '@gatewright/kernel'
import {
  poolFile,
  type Reply,
  reply,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { countByName, seededRandom } from './pool.ts'

describe('strategies in a gateway', () => {
  it('goes round-robin without a strategy, and goes on after a reload', async () => {
    await using a = await startUpstream(reply(200, {}, 'a'))
    await using b = await startUpstream(reply(200, {}, 'b'))
    await using c = await startUpstream(reply(200, {}, 'c'))
    const config = configOf([{ url: a.url }, { url: b.url }, { url: c.url }])
    await using gateway = await startGateway(config)

    const before = await answers(gateway, 4)
    await gateway.reload(config)
    const after = await answers(gateway, 4)

    expect([...before, ...after].join(' ')).toBe('a b c a b c a b')
  })

  it('follows weights, also when a reload changes them', async () => {
    await using a = await startUpstream(reply(200, {}, 'a'))
    await using b = await startUpstream(reply(200, {}, 'b'))
    const strategy = 'strategy = "weighted"'
    await using gateway = await startGateway(
      configOf([{ url: a.url, weight: 3 }, { url: b.url }], strategy),
    )

    const before = await answers(gateway, 8)
    await gateway.reload(configOf([{ url: a.url }, { url: b.url, weight: 2 }], strategy))
    const after = await answers(gateway, 6)

    expect(before.join(' ')).toBe('a a b a a a b a')
    expect(after.join(' ')).toBe('b a b b a b')
  })

  it('names the strategy that was probably meant', async () => {
    const servers = [{ url: 'http://127.0.0.1:9' }]

    const starting = startGateway(configOf(servers, 'strategy = "least-connection"'))

    await expect(starting).rejects.toThrow('did you mean "least-connections"?')
  })
})

describe('options of a strategy', () => {
  it.each([
    { strategy: 'round-robin', option: 'hash_on = "path"' },
    { strategy: 'ip-hash', option: 'hash_on = "path"' },
    { strategy: 'least-latency', option: 'load_factor = 1.25' },
    { strategy: 'consistent-hash', option: 'decay = "10s"' },
  ])('of another one are refused: $option for $strategy', async ({ strategy, option }) => {
    const config = configOf([{ url: 'http://127.0.0.1:9' }], `strategy = "${strategy}"\n${option}`)

    const [key] = option.split(' ')
    await expect(startGateway(config)).rejects.toMatchObject({
      problems: [
        { code: 'GW_CONFIG_UNKNOWN_KEY', path: ['services', 'pool', 'load_balancer', key] },
      ],
    })
  })
})

describe('consistent-hash in a gateway', () => {
  it('sends every session to its own server, before and after a reload', async () => {
    await using a = await startUpstream(reply(200, {}, 'a'))
    await using b = await startUpstream(reply(200, {}, 'b'))
    await using c = await startUpstream(reply(200, {}, 'c'))
    const servers = [{ url: a.url }, { url: b.url }, { url: c.url }]
    const strategy = 'strategy = "consistent-hash"\nhash_on = "cookie:sid"\nload_factor = 1.25'
    await using gateway = await startGateway(configOf(servers, strategy))

    const before = await answersToSessions(gateway, 40)
    await gateway.reload(configOf(servers.toReversed(), strategy))
    const after = await answersToSessions(gateway, 40)

    expect(new Set(before)).toEqual(new Set(['a', 'b', 'c']))
    expect(after).toEqual(before)
  })

  it('sends a retry to the next server of the ring', async () => {
    await using a = await startUpstream(reply(200, {}, 'a'))
    await using b = await startUpstream(reply(200, {}, 'b'))
    const strategy = 'strategy = "consistent-hash"\nhash_on = "cookie:sid"'
    const config = configOf([{ url: a.url }, { url: b.url }], strategy, 'again')
    await using gateway = await startGateway(config)
    a.behave(reply(503))

    expect(new Set(await answersToSessions(gateway, 20))).toEqual(new Set(['b']))
    expect(a.requests.length).toBeGreaterThan(0)
  })
})

describe('least-latency in a gateway', () => {
  afterEach(() => vi.restoreAllMocks())

  it('gives a server that is ten times slower under half of its share', async () => {
    let now = performance.now()
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    vi.spyOn(Math, 'random').mockImplementation(seededRandom(1))
    const takes = (ms: number, name: string) => (): Reply => {
      now += ms
      return reply(200, {}, name)
    }
    await using a = await startUpstream(takes(10, 'a'))
    await using b = await startUpstream(takes(10, 'b'))
    await using c = await startUpstream(takes(10, 'c'))
    await using slow = await startUpstream(takes(100, 'slow'))
    const servers = [{ url: a.url }, { url: b.url }, { url: c.url }, { url: slow.url }]
    const config = configOf(servers, 'strategy = "least-latency"')
    await using gateway = await startGateway(config)

    const before = countByName(await answers(gateway, 50))
    await gateway.reload(config)
    const after = countByName(await answers(gateway, 50))

    expect(before['slow']).toBeGreaterThan(0)
    expect(before['slow']).toBeLessThan(50 / 4 / 2)
    // What was measured is known after the reload: nobody has to be tried again.
    expect(after['slow'] ?? 0).toBe(0)
  })
})

describe('slow start in a gateway', () => {
  const slowly = 'slow_start = "1h"'

  it('leaves a server that has recovered a tenth of its turns', async () => {
    await using a = await startUpstream(reply(200, {}, 'a'))
    await using b = await startUpstream(reply(200, {}, 'b'))
    const config = configOf([{ url: a.url }, { url: b.url }], slowly)
    await using gateway = await startGateway(config)
    expect(countByName(await answers(gateway, 4))).toEqual({ a: 2, b: 2 })
    const pool = poolOf(gateway)
    const recovering = pool.all[1]
    if (recovering === undefined) expect.fail()

    pool.setHealthy(recovering, 'test', false)
    pool.setHealthy(recovering, 'test', true)
    const before = await answers(gateway, 11)
    await gateway.reload(config)
    const after = await answers(gateway, 11)

    expect(countByName([...before, ...after])).toEqual({ a: 20, b: 2 })
  })

  it('concerns a server that a reload adds, until the key is gone', async () => {
    await using a = await startUpstream(reply(200, {}, 'a'))
    await using b = await startUpstream(reply(200, {}, 'b'))
    await using gateway = await startGateway(configOf([{ url: a.url }], slowly))
    const both = [{ url: a.url }, { url: b.url }]

    await gateway.reload(configOf(both, slowly))
    const during = await answers(gateway, 11)
    await gateway.reload(configOf(both))
    await vi.waitFor(() => expect(poolOf(gateway).all[1]?.weight).toBe(1))
    const without = await answers(gateway, 10)

    expect(countByName(during)).toEqual({ a: 10, b: 1 })
    expect(countByName(without)).toEqual({ a: 5, b: 5 })
  })
})

describe('panic_threshold in a gateway', () => {
  it('leaves the first choice to failover', async () => {
    await using a = await startUpstream(reply(200, {}, 'a'))
    await using spare = await startUpstream(reply(200, {}, 'spare'))
    const config = poolFile([a.url], {
      balancing: 'panic_threshold = 50',
      service: 'failover {\nservice = "spare"\n}',
      blocks: `services "spare" {
        load_balancer {
          servers = [{ url = "${spare.url}" }]
        }
      }`,
    })
    await using gateway = await startGateway(config)
    for (const endpoint of poolOf(gateway).all) {
      poolOf(gateway).setHealthy(endpoint, 'test', false)
    }
    const before = await answers(gateway, 2)
    for (const endpoint of poolOf(gateway, 'spare').all) {
      poolOf(gateway, 'spare').setHealthy(endpoint, 'test', false)
    }
    const after = await answers(gateway, 2)

    expect([...before, ...after]).toEqual(['spare', 'spare', 'a', 'a'])
  })
})

interface Server {
  readonly url: string
  readonly weight?: number
}

async function answers({ request }: TestGateway, count: number): Promise<string[]> {
  const texts: string[] = []
  for (let i = 0; i < count; i++) texts.push((await request('/')).text)
  return texts
}

/** Who answers each of so many sessions. */
async function answersToSessions({ request }: TestGateway, count: number): Promise<string[]> {
  const texts: string[] = []
  for (let i = 0; i < count; i++) {
    texts.push((await request('/', { headers: { cookie: `theme=dark; sid=${i}` } })).text)
  }
  return texts
}

function poolOf({ gateway }: TestGateway, service = 'pool'): EndpointPool {
  const pool = gateway.snapshot.services.get(service)?.pool
  if (pool === undefined) expect.fail()
  return pool
}

/** @param middleware Of the type `retry`. */
function configOf(servers: readonly Server[], balancing = '', middleware?: string): string {
  const again = `
    middlewares "again" {
      type              = "retry"
      retry_interval_ms = 1
      # Which of the two has how many sessions depends on their ports.
      budget_percent    = 100
    }
  `
  const middlewares = middleware === undefined ? [] : [middleware]
  return poolFile(servers, { balancing, middlewares, blocks: again })
}
