import { describe, expect, it } from 'vitest'
import type { EndpointPool } from '../src/service.ts'
import { type MemoryGateway, plainConfig, startMemory } from './support/memory-gateway.ts'

describe('the endpoints of a service', () => {
  it('are the same objects after a reload, as long as their URL is configured', async () => {
    await using memory = await startMemory(servers('http://a.test', 'http://b.test'))
    const [a, b] = poolOf(memory).all

    await memory.reload(plainConfig(servers('http://b.test', 'http://c.test')))

    const [first, second] = poolOf(memory).all
    expect(first).toBe(b)
    expect(second?.url.href).toBe('http://c.test/')
    expect(poolOf(memory).all).not.toContain(a)
  })

  it('belong to one service each', async () => {
    await using memory = await startMemory({
      services: { app: block('http://a.test'), other: block('http://a.test') },
    })

    expect(poolOf(memory).all[0]).not.toBe(poolOf(memory, 'other').all[0])
  })

  it('are two if one URL is configured twice', async () => {
    await using memory = await startMemory(servers('http://a.test', 'http://a.test'))
    const [first, second] = poolOf(memory).all

    expect(first).not.toBe(second)
    await memory.reload(plainConfig(servers('http://a.test', 'http://a.test')))
    expect(poolOf(memory).all).toEqual([first, second])
  })

  it('get the weights of a configuration when that becomes active', async () => {
    await using memory = await startMemory(weighted(1, 2))
    const pool = poolOf(memory)
    const [a, b] = pool.all

    await memory.gateway.validate(plainConfig(weighted(5, 0)))
    expect([a?.weight, b?.weight]).toEqual([1, 2])
    await memory.reload(plainConfig(weighted(5, 0)))

    expect([a?.weight, b?.weight]).toEqual([5, 0])
    expect(poolOf(memory).available).toEqual([a])
  })
})

describe('the available endpoints', () => {
  it('are those to which no check objects', async () => {
    await using memory = await startMemory(servers('http://a.test', 'http://b.test'))
    const pool = poolOf(memory)
    const [a, b] = pool.all
    if (a === undefined) expect.fail()

    pool.setHealthy(a, 'active', false)
    pool.setHealthy(a, 'passive', false)
    pool.setHealthy(a, 'active', true)
    expect([a.healthy, pool.available]).toEqual([false, [b]])
    pool.setHealthy(a, 'passive', true)

    expect([a.healthy, pool.available]).toEqual([true, [a, b]])
  })

  it('are a list that does not change under its reader', async () => {
    await using memory = await startMemory(servers('http://a.test', 'http://b.test'))
    const pool = poolOf(memory)
    const [a] = pool.all
    const before = pool.available
    if (a === undefined) expect.fail()

    pool.setHealthy(a, 'active', true)
    expect(pool.available).toBe(before)
    pool.setHealthy(a, 'active', false)

    expect(before).toHaveLength(2)
    expect(pool.available).toHaveLength(1)
  })

  it('stay what they were over a reload', async () => {
    await using memory = await startMemory(servers('http://a.test', 'http://b.test'))
    const [a, b] = poolOf(memory).all
    if (a === undefined) expect.fail()
    poolOf(memory).setHealthy(a, 'active', false)

    await memory.reload(plainConfig(servers('http://a.test', 'http://b.test')))

    expect(poolOf(memory).available).toEqual([b])
    poolOf(memory).setHealthy(a, 'active', true)
    expect(poolOf(memory).available).toEqual([a, b])
  })

  it('change for every configuration that still has exchanges', async () => {
    await using memory = await startMemory(servers('http://a.test', 'http://b.test'))
    const old = poolOf(memory)
    const [a] = old.all
    if (a === undefined) expect.fail()
    const exchange = memory.web.open()
    await memory.reload(plainConfig({ ...servers('http://a.test'), routers: {} }))

    poolOf(memory).setHealthy(a, 'active', false)

    expect(old.available).toHaveLength(1)
    await exchange.read()
  })
})

describe('the limit of an endpoint', () => {
  it('keeps exchanges away while as many as it allows are in flight', async () => {
    await using memory = await startMemory(servers('http://a.test', 'http://b.test'))
    const pool = poolOf(memory)
    const [a, b] = pool.all
    if (a === undefined) expect.fail()
    pool.setLimit(a, 'trial', 1)

    const first = memory.web.open()
    expect([a.full, pool.available]).toEqual([true, [b]])
    await memory.send()
    await first.read()

    expect([a.full, pool.available]).toEqual([false, [a, b]])
    expect(memory.upstream.arrivals.map(({ url }) => url)).toEqual([
      'http://a.test/',
      'http://b.test/',
    ])
  })

  it('answers 503 when all of them are full', async () => {
    await using memory = await startMemory(servers('http://a.test'))
    const pool = poolOf(memory)
    const [a] = pool.all
    if (a === undefined) expect.fail()
    pool.setLimit(a, 'concurrency', 2)
    const open = [memory.web.open(), memory.web.open()]

    expect(await memory.send()).toMatchObject({ status: 503 })
    await Promise.all(open.map((exchange) => exchange.read()))

    expect(await memory.send()).toMatchObject({ status: 200 })
    expect(a.active).toBe(0)
  })

  it('is the least of those that several owners set', async () => {
    await using memory = await startMemory(servers('http://a.test'))
    const pool = poolOf(memory)
    const [a] = pool.all
    if (a === undefined) expect.fail()
    const exchange = memory.web.open()

    pool.setLimit(a, 'concurrency', 5)
    expect(a.full).toBe(false)
    pool.setLimit(a, 'trial', 1)
    expect([a.full, pool.available]).toEqual([true, []])
    pool.setLimit(a, 'trial', undefined)

    expect([a.full, pool.available]).toEqual([false, [a]])
    await exchange.read()
  })

  it('holds over a reload', async () => {
    await using memory = await startMemory(servers('http://a.test'))
    const [a] = poolOf(memory).all
    if (a === undefined) expect.fail()
    poolOf(memory).setLimit(a, 'trial', 1)
    const exchange = memory.web.open()

    await memory.gateway.reload(plainConfig(servers('http://a.test')))

    expect(poolOf(memory).available).toEqual([])
    await exchange.read()
    expect(poolOf(memory).available).toEqual([a])
  })

  it('keeps everything away at 0, whatever has been in flight', async () => {
    await using memory = await startMemory(servers('http://a.test', 'http://b.test'))
    const pool = poolOf(memory)
    const [a, b] = pool.all
    if (a === undefined) expect.fail()
    const first = memory.web.open()

    pool.setLimit(a, 'breaker', 0)
    await first.read()
    expect([a.active, a.full, pool.available]).toEqual([0, true, [b]])
    pool.setLimit(a, 'breaker', undefined)

    expect([a.full, pool.available]).toEqual([false, [a, b]])
  })

  it('is not below 0', async () => {
    await using memory = await startMemory(servers('http://a.test'))
    const [a] = poolOf(memory).all
    if (a === undefined) expect.fail()

    expect(() => poolOf(memory).setLimit(a, 'trial', -1)).toThrow(/limits an endpoint to -1/)
  })
})

describe('the share of an endpoint', () => {
  it('lowers its weight until it is lifted', async () => {
    await using memory = await startMemory(weighted(4, 2))
    const pool = poolOf(memory)
    const [a, b] = pool.all
    if (a === undefined) expect.fail()
    const before = pool.available

    pool.setShare(a, 'slow start', 0.5)
    pool.setShare(a, 'another', 0.5)
    expect([a.weight, b?.weight]).toEqual([1, 2])
    expect([a.configuredWeight, b?.configuredWeight]).toEqual([4, 2])
    expect(pool.available).not.toBe(before)
    pool.setShare(a, 'slow start', 1)
    pool.setShare(a, 'another', undefined)

    expect(a.weight).toBe(4)
  })

  it('goes by the weight of the present configuration', async () => {
    await using memory = await startMemory(weighted(4, 2))
    const [a] = poolOf(memory).all
    if (a === undefined) expect.fail()
    poolOf(memory).setShare(a, 'slow start', 0.5)

    await memory.gateway.reload(plainConfig(weighted(10, 2)))

    expect(a.weight).toBe(5)
  })

  it('is above 0', async () => {
    await using memory = await startMemory(servers('http://a.test'))
    const [a] = poolOf(memory).all
    if (a === undefined) expect.fail()

    expect(() => poolOf(memory).setShare(a, 'slow start', 0)).toThrow(/the share 0/)
  })
})

describe('whoever follows the endpoints', () => {
  it('is told after they have changed, until it has had enough', async () => {
    await using memory = await startMemory(servers('http://a.test', 'http://b.test'))
    const pool = poolOf(memory)
    const [a] = pool.all
    if (a === undefined) expect.fail()
    const seen: number[] = []
    const following = pool.onChange(() => seen.push(pool.available.length))

    pool.setHealthy(a, 'active', false)
    pool.setHealthy(a, 'passive', false)
    pool.update([target('http://b.test', 1)])
    following[Symbol.dispose]()
    pool.update([])

    expect([seen[0], seen.at(-1), pool.available.length]).toEqual([1, 1, 0])
  })

  it('does not disturb others by failing', async () => {
    await using memory = await startMemory(servers('http://a.test'))
    const pool = poolOf(memory)
    const [a] = pool.all
    if (a === undefined) expect.fail()
    let told = false
    pool.onChange(() => {
      throw new Error('oops')
    })
    pool.onChange(() => (told = true))

    pool.setHealthy(a, 'active', false)

    expect([told, pool.available]).toEqual([true, []])
    expect(memory.logs.find('following the endpoints failed')).toHaveLength(1)
  })
})

describe('endpoints that something else finds', () => {
  it('replace those that were there, and keep what stays', async () => {
    await using memory = await startMemory(servers('http://a.test', 'http://b.test'))
    const pool = poolOf(memory)
    const [, b] = pool.all

    pool.update([target('http://b.test', 3), target('http://c.test', 1)])

    expect(pool.all.map(({ url, weight }) => [url.href, weight])).toEqual([
      ['http://b.test/', 3],
      ['http://c.test/', 1],
    ])
    expect(pool.available[0]).toBe(b)
    expect(await memory.send()).toMatchObject({ status: 200 })
    expect(memory.upstream.arrivals[0]?.url).toBe('http://b.test/')
  })

  it('may be none', async () => {
    await using memory = await startMemory()

    poolOf(memory).update([])

    expect(await memory.send()).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      response: { error: { code: 'GW_SERVICE_UNAVAILABLE' } },
    })
  })

  it('are let go when they are gone, as far as nobody else has them', async () => {
    await using memory = await startMemory(servers('http://a.test'))
    const pool = poolOf(memory)
    const found = (): unknown => pool.all[0]
    pool.update([target('http://b.test', 1)])
    const b = found()

    pool.update([target('http://a.test', 1)])
    pool.update([target('http://b.test', 1)])

    expect(found()).not.toBe(b)
  })

  it('do not come back into a configuration that is gone', async () => {
    await using memory = await startMemory(servers('http://a.test'))
    const old = poolOf(memory)
    await memory.reload(plainConfig(servers('http://a.test')))

    old.update([target('http://b.test', 1)])

    expect(old.all.map(({ url }) => url.href)).toEqual(['http://a.test/'])
  })
})

function servers(...urls: readonly string[]): Readonly<Record<string, unknown>> {
  return { services: { app: block(...urls) } }
}

function weighted(a: number, b: number): Readonly<Record<string, unknown>> {
  const list = [
    { url: 'http://a.test', weight: a },
    { url: 'http://b.test', weight: b },
  ]
  return { services: { app: { load_balancer: { servers: list } } } }
}

function block(...urls: readonly string[]): Readonly<Record<string, unknown>> {
  return { load_balancer: { servers: urls.map((url) => ({ url })) } }
}

function target(href: string, weight: number): { readonly url: URL; readonly weight: number } {
  return { url: new URL(href), weight }
}

function poolOf({ gateway }: MemoryGateway, name = 'app'): EndpointPool {
  const pool = gateway.snapshot.services.get(name)?.pool
  if (pool === undefined) throw new Error(`no service "${name}"`)
  return pool
}
