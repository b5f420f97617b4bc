import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MemoryGateway, service, startMemory } from './support/memory-gateway.ts'
import { config, expectAnswers, router, Shelf, statuses } from './support/shelf.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('parts that the main configuration needs', () => {
  it('stay while the main configuration names what they had, and the others go on', async () => {
    const shelf = new Shelf({
      shop: { services: { shop: service('http://app.test') } },
      a: router('/a'),
      b: router('/b'),
    })
    const main = config({ routers: { shop: { rule: '/shop', service: 'shop' } } })
    await using memory = await startMemory(main, [shelf.plugin])

    shelf.parts = { a: router('/a') }
    const { warnings } = await memory.gateway.reload(main)
    shelf.parts = { a: router('/a2'), c: router('/c') }
    shelf.ring()
    await expectAnswers(memory, { '/shop': 200, '/b': 404, '/a': 404, '/a2': 200, '/c': 200 })

    expect(warnings).toEqual(['shop is wrong and keeps its last good content'])
    const message = 'it has services.shop no more, which routers.shop.service still names'
    expect(memory.gateway.providers).toMatchObject([
      {
        state: 'degraded',
        refused: [{ source: 'shop', standIn: 'last good', problems: [{ message }] }],
      },
    ])
    expect(memory.logs.find('news of a provider were refused')).toEqual([])

    await memory.gateway.reload(config())
    expect(memory.gateway.snapshot.services.has('shop')).toBe(false)
    expect(memory.gateway.providers).toMatchObject([{ state: 'synced', refused: [] }])
  })

  it('are not told to be in order while nobody knows what there is', async () => {
    const shelf = new Shelf({ shop: { services: { shop: service('http://app.test') } } })
    const main = config({ routers: { shop: { rule: '/shop', service: 'shop' } } })
    await using memory = await startMemory(main, [shelf.plugin])
    shelf.parts = {}
    await memory.gateway.reload(main)
    shelf.broken = true
    await memory.gateway.reload(main)
    shelf.broken = false
    await memory.gateway.reload(main)

    const inOrder = 'a part of the configuration is in order again'
    expect(memory.logs.find(inOrder)).toMatchObject([{ source: 'provider "shelf"' }])
    const kept = 'a part of the configuration keeps its last good content'
    expect(memory.logs.find(kept)).toMatchObject([
      { source: 'shop' },
      { source: 'provider "shelf"' },
    ])
    expect(await statuses(memory, '/shop')).toEqual([200])
  })

  it('keep what they had while the main configuration names it', async () => {
    const shelf = new Shelf({ a: { services: { shop: service('http://app.test') } } })
    const main = config({ routers: { shop: { rule: '/shop', service: 'shop' } } })
    await using memory = await startMemory(main, [shelf.plugin])

    shelf.parts = { a: { services: { other: service('http://app.test') } }, b: router('/b') }
    await memory.gateway.reload(main)

    expect(await statuses(memory, '/shop', '/b')).toEqual([200, 200])
    expect(memory.gateway.providers).toMatchObject([
      { state: 'degraded', refused: [{ source: 'a', standIn: 'last good' }] },
    ])
  })

  it('do not hide that the main configuration names what never was there', async () => {
    const shelf = new Shelf({ a: router('/a') })
    await using memory = await startMemory(config(), [shelf.plugin])
    shelf.parts = {}

    await expect(
      memory.gateway.reload(config({ routers: { x: { rule: '/x', service: 'nobody' } } })),
    ).rejects.toMatchObject({ problems: [{ path: ['routers', 'x', 'service'] }] })
    expect(await statuses(memory, '/a')).toEqual([200])
  })

  it('are not missed by name as long as nobody knows what there is', async () => {
    const shelf = new Shelf({ a: { services: { extra: service('http://app.test') } } })
    const main = config({ routers: { x: { rule: '/x', service: 'extra' } } })
    await using memory = new MemoryGateway([shelf.plugin])
    shelf.broken = true

    expect(await memory.gateway.validate(main)).toMatchObject([{ path: ['providers', 'shelf'] }])
    const providers = { shelf: { x: 1 } }
    expect(await memory.gateway.validate({ ...main, providers })).toMatchObject([
      { path: ['providers', 'shelf', 'x'] },
    ])
    await expect(memory.gateway.start(main)).rejects.toMatchObject({
      problems: [{ path: ['providers', 'shelf'] }],
    })
  })
})
