import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConfigDocument, GatewayConfigInput } from '../src/config.ts'
import { errors } from '../src/errors.ts'
import { MemoryGateway, plainConfig, service, startMemory } from './support/memory-gateway.ts'
import { config, expectAnswers, router, Shelf, statuses } from './support/shelf.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('parts that a provider loads', () => {
  it('are there from the first request on', async () => {
    const shelf = new Shelf({ a: router('/a'), b: router('/b') })
    await using memory = await startMemory(config(), [shelf.plugin])

    expect(await statuses(memory, '/app', '/a', '/b')).toEqual([200, 200, 200])
    expect(memory.gateway.providers).toMatchObject([
      { type: 'shelf', state: 'synced', refused: [] },
    ])
  })

  it('are loaded again with each reload', async () => {
    const shelf = new Shelf({ a: router('/a') })
    await using memory = await startMemory(config(), [shelf.plugin])
    shelf.parts['b'] = router('/b')

    await memory.gateway.reload(config())

    expect(await statuses(memory, '/a', '/b')).toEqual([200, 200])
  })

  it('are loaded again when the provider says so', async () => {
    const shelf = new Shelf({ a: router('/a') })
    await using memory = await startMemory(config(), [shelf.plugin])
    delete shelf.parts['a']
    shelf.parts['b'] = router('/b')

    shelf.ring()
    await expectAnswers(memory, { '/a': 404, '/b': 200 })
  })

  it.each([
    ['cannot be read', errors.GW_CONFIG_EMPTY({ file: 'b' }), '"b" is empty'],
    ['names what is not there', router('/b', 'nobody'), 'unknown service "nobody"'],
    ['has a rule that does not compile', router('no path'), '"no path" is no prefix'],
    ['defines what another one defines', router('/a'), 'defined by a and by b'],
  ])('stay out one by one: one that %s', async (_, wrong, problem) => {
    const shelf = new Shelf({ a: router('/a'), b: wrong, c: router('/c') })
    await using memory = await startMemory(config(), [shelf.plugin])

    expect(await statuses(memory, '/app', '/a', '/b', '/c')).toEqual([200, 200, 404, 200])
    expect(memory.logs.find('a part of the configuration is left out')).toMatchObject([
      { level: 'error', provider: 'shelf', source: 'b', problem: expect.stringContaining(problem) },
    ])
    expect(memory.gateway.providers).toMatchObject([
      { state: 'degraded', refused: [{ source: 'b', standIn: 'nothing' }] },
    ])
  })

  it('keep their last good content, and say so once', async () => {
    const shelf = new Shelf({ a: router('/a'), b: router('/b') })
    await using memory = await startMemory(config(), [shelf.plugin])
    shelf.parts['b'] = router('/new', 'nobody')
    await memory.gateway.reload(config())
    shelf.parts['a'] = router('/other')
    const { warnings } = await memory.gateway.reload(config())

    expect(await statuses(memory, '/b', '/new', '/a', '/other')).toEqual([200, 404, 404, 200])
    expect(
      memory.logs.find('a part of the configuration keeps its last good content'),
    ).toHaveLength(1)
    expect(warnings).toEqual(['b is wrong and keeps its last good content'])

    shelf.parts['b'] = router('/new')
    expect(await memory.gateway.reload(config())).toMatchObject({ warnings: [] })
    expect(await statuses(memory, '/b', '/new')).toEqual([404, 200])
    expect(memory.logs.find('a part of the configuration is in order again')).toHaveLength(1)
  })

  it('do not lose a name to a part that comes later', async () => {
    const shelf = new Shelf({ b: router('/b') })
    await using memory = await startMemory(config(), [shelf.plugin])

    shelf.parts = { a: { routers: { '/b': { rule: '/other', service: 'app' } } }, ...shelf.parts }
    await memory.gateway.reload(config())

    expect(await statuses(memory, '/b', '/other')).toEqual([200, 404])
    expect(memory.gateway.providers).toMatchObject([{ refused: [{ source: 'a' }] }])
  })

  it('stay as they were while something needs what a change takes away', async () => {
    const shelf = new Shelf({
      a: { services: { extra: service('http://app.test') } },
      b: router('/b', 'extra'),
    })
    await using memory = await startMemory(config(), [shelf.plugin])

    delete shelf.parts['a']
    await memory.gateway.reload(config())
    expect(await statuses(memory, '/b')).toEqual([200])
    expect(memory.gateway.providers).toMatchObject([
      { refused: [{ source: 'a', standIn: 'last good' }] },
    ])

    delete shelf.parts['b']
    await memory.gateway.reload(config())
    expect(memory.gateway.snapshot.services.has('extra')).toBe(false)
    expect(memory.gateway.providers).toMatchObject([{ state: 'synced', refused: [] }])
  })

  it('refuse everything if they are strict', async () => {
    const shelf = new Shelf({ a: router('/a') }, true)
    await using memory = await startMemory(config(), [shelf.plugin])
    shelf.parts = { a: router('/new'), b: router('/b', 'nobody') }

    await expect(memory.gateway.reload(config())).rejects.toMatchObject({
      code: 'GW_CONFIG_INVALID',
      problems: [{ path: ['routers', '/b', 'service'] }],
    })

    expect(await statuses(memory, '/a', '/new')).toEqual([200, 404])
  })

  it('refuse a start if they are strict', async () => {
    const shelf = new Shelf({ a: errors.GW_CONFIG_EMPTY({ file: 'a' }) }, true)

    await expect(startMemory(config(), [shelf.plugin])).rejects.toMatchObject({
      problems: [{ code: 'GW_CONFIG_EMPTY', file: 'a', hint: expect.any(String) }],
    })
  })

  it('are all told of by a check, with every problem', async () => {
    const shelf = new Shelf({
      a: errors.GW_CONFIG_EMPTY({ file: 'a' }),
      b: router('/b', 'nobody'),
      c: router('/c'),
    })
    await using memory = new MemoryGateway([shelf.plugin])

    const { blueprint, problems } = await memory.gateway.understand(config())

    expect(problems).toMatchObject([
      { code: 'GW_CONFIG_EMPTY' },
      { code: 'GW_UNKNOWN_REFERENCE', path: ['routers', '/b', 'service'] },
    ])
    expect(Object.keys(blueprint.config.routers)).toEqual(['app', '/b', '/c'])
    expect(await memory.gateway.validate(config())).toEqual(problems)
  })

  it('leave what is wrong with the configuration itself to be refused, and tell of both', async () => {
    const shelf = new Shelf({ a: { services: { extra: { load_balancer: { servers: 1 } } } } })
    const routers = { x: { rule: '/x', service: 'extra' } }

    await expect(startMemory(config({ routers }), [shelf.plugin])).rejects.toMatchObject({
      problems: [
        { path: ['services', 'extra', 'load_balancer', 'servers'] },
        { path: ['routers', 'x', 'service'] },
      ],
    })
  })

  it('stay if the provider fails to load', async () => {
    const shelf = new Shelf({ a: router('/a') })
    await using memory = await startMemory(config(), [shelf.plugin])
    shelf.broken = true

    const { warnings } = await memory.gateway.reload(config({ shutdown_timeout_secs: 7 }))

    expect(await statuses(memory, '/a')).toEqual([200])
    const problem = {
      code: 'GW_PLUGIN_ERROR',
      message: expect.stringContaining('failed in load: the shelf fell down'),
    }
    expect(memory.gateway.providers).toMatchObject([
      {
        state: 'failed',
        problem,
        refused: [{ source: 'provider "shelf"', standIn: 'last good', problems: [problem] }],
        syncs: { changed: 1, unchanged: 0, error: 1 },
      },
    ])
    expect(warnings).toEqual(['provider "shelf" is wrong and keeps its last good content'])
    expect(
      memory.logs.find('a part of the configuration keeps its last good content'),
    ).toMatchObject([{ provider: 'shelf', path: 'providers.shelf' }])

    shelf.broken = false
    await memory.gateway.reload(config())
    expect(memory.gateway.providers).toMatchObject([
      { state: 'synced', problem: undefined, syncs: { changed: 1, unchanged: 1, error: 1 } },
    ])
  })
})

describe('a configuration that can be read again', () => {
  it('is, when a provider that loads has news', async () => {
    const shelf = new Shelf({})
    const source = new Source(config())
    await using memory = new MemoryGateway([shelf.plugin])
    await memory.gateway.start(source.read())
    source.now = config({ routers: { two: { rule: '/two', service: 'app' } } })

    shelf.ring()
    await expectAnswers(memory, { '/app': 404, '/two': 200 })
  })

  it.each([
    ['is empty', {}, 'GW_CONFIG_EMPTY'],
    ['is wrong', config({ routers: { app: { rule: '/', service: 'no' } } }), 'GW_CONFIG_INVALID'],
    ['cannot be read', undefined, 'GW_INTERNAL'],
  ])('stays as it was if it %s, and the rest goes on', async (_, now, code) => {
    const shelf = new Shelf({})
    const source = new Source(config())
    await using memory = new MemoryGateway([shelf.plugin])
    await memory.gateway.start(source.read())
    source.now = now
    shelf.parts = { a: router('/a') }

    shelf.ring()
    await expectAnswers(memory, { '/app': 200, '/a': 200 })

    expect(memory.logs.find('news of a provider were refused')).toMatchObject([{ code }])
  })

  it('knows the place of what is wrong, and which problems are none', async () => {
    await using memory = new MemoryGateway()
    const document: ConfigDocument = {
      config: plainConfig({ shutdown_timeout_secs: 0, colour: 1 }),
      normalise: (value) => value,
      place: (problem) =>
        problem.path[0] === 'colour'
          ? undefined
          : { ...problem, file: 'x.hcl', line: 3, column: 1 },
    }

    expect(await memory.gateway.validate(document)).toMatchObject([
      { path: ['shutdown_timeout_secs'], file: 'x.hcl', line: 3 },
    ])
  })
})

/** A document that can be read again; not, if there is nothing now. */
class Source {
  now: GatewayConfigInput | undefined

  constructor(now: GatewayConfigInput) {
    this.now = now
  }

  read(): ConfigDocument {
    const { now } = this
    if (now === undefined) throw new Error('there is no such file')
    return { config: now, normalise: (value) => value, reread: async () => this.read() }
  }
}
