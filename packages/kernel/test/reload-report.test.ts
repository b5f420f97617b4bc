import { describe, expect, it } from 'vitest'
import type { GatewayConfigInput } from '../src/config.ts'
import {
  chainConfig,
  middlewaresOf,
  plainConfig,
  plugin,
  service,
  startMemory,
} from './support/memory-gateway.ts'

const nothing = { added: [], removed: [], updated: [] }

describe('the report of a reload', () => {
  it('names what was added, removed and changed', async () => {
    await using memory = await startMemory({
      routers: { a: { rule: '/a', service: 'app' }, b: { rule: '/b', service: 'app' } },
      services: { app: service('http://app.test'), old: service('http://old.test') },
    })

    const report = await memory.gateway.reload(
      plainConfig({
        entrypoints: { web: { address: '127.0.0.1:80' }, more: { address: '127.0.0.1:81' } },
        routers: {
          z: { rule: '/z', service: 'new' },
          c: { rule: '/c', service: 'app' },
          b: { rule: '/bb', service: 'app' },
        },
        services: { new: service('http://new.test'), app: service('http://app.test') },
        shutdown_timeout_secs: 7,
      }),
    )

    expect(report).toEqual({
      version: 2,
      hash: memory.gateway.snapshot.hash,
      unchanged: false,
      changed: {
        entrypoints: { ...nothing, added: ['more'] },
        routers: { added: ['c', 'z'], removed: ['a'], updated: ['b'] },
        services: { added: ['new'], removed: ['old'], updated: [] },
        middlewares: nothing,
        providers: nothing,
        sections: { ...nothing, updated: ['shutdown_timeout_secs'] },
      },
      drained: ['a', 'b'],
      warnings: [],
      durationMs: expect.any(Number),
    })
  })

  it('is logged in one line, without what did not change', async () => {
    await using memory = await startMemory()

    await memory.gateway.reload(plainConfig({ services: { app: service('http://b.test') } }))

    expect(memory.logs.find('configuration reloaded')).toMatchObject([
      { level: 'info', version: 2, changed: { services: { updated: ['app'] } }, drained: ['app'] },
    ])
    const [line] = memory.logs.find('configuration reloaded')
    expect(line).not.toHaveProperty('changed.routers')
    expect(line).not.toHaveProperty('warnings')
  })

  it('is left to the caller who wants to tell it', async () => {
    await using memory = await startMemory()

    await memory.gateway.reload(plainConfig({ routers: {} }), { quiet: true })

    expect(memory.logs.find('configuration reloaded')).toEqual([])
  })

  it('says whose exchanges have to end: of routers with anything changed that they use', async () => {
    const types = middlewaresOf({ m: () => ({ onRequest: () => undefined }) })
    await using memory = await startMemory(severalRouters({}), [types])

    const filter = await memory.gateway.reload(
      severalRouters({ middlewares: { m: { type: 'm', skip_paths: ['/x'] } } }),
    )
    const upstream = await memory.gateway.reload(
      severalRouters({
        middlewares: { m: { type: 'm', skip_paths: ['/x'] } },
        services: { app: service('http://b.test'), other: service('http://other.test') },
      }),
    )

    expect(filter.drained).toEqual(['filtered'])
    expect(upstream.drained).toEqual(['filtered', 'plain'])
  })

  it('warns when nothing listens any more', async () => {
    await using memory = await startMemory()

    const { changed, warnings } = await memory.gateway.reload({})

    expect(changed.entrypoints.removed).toEqual(['web'])
    expect(warnings).toEqual(['nothing listens: there is no entrypoint'])
  })

  it('warns of what takes a new process, until it says again what it said at the start', async () => {
    const threads = plugin('threads', (gateway) => {
      gateway.section({
        type: 'threads',
        labelled: false,
        schema: { type: 'integer', minimum: 1, description: 'How many.' },
        create: (count: number) => count,
        needsRestart: (before = 1, now = 1) => before !== now,
      })
    })
    await using memory = await startMemory({ threads: 2 }, [threads])

    const more = await memory.gateway.reload(plainConfig({ threads: 3 }))
    const still = await memory.gateway.reload(plainConfig({ threads: 3, routers: {} }))
    const none = await memory.gateway.reload(plainConfig())
    const again = await memory.gateway.reload(plainConfig({ threads: 2 }))

    expect(more).toMatchObject({
      changed: { sections: { updated: ['threads'] } },
      warnings: ['"threads" needs a restart'],
    })
    expect(still.warnings).toEqual(['"threads" needs a restart'])
    expect(none.warnings).toEqual(['"threads" needs a restart'])
    expect(again.warnings).toEqual([])
  })

  it('names labelled blocks of sections by both', async () => {
    const notes = plugin('notes', (gateway) => {
      const schema = {
        type: 'object',
        additionalProperties: false,
        properties: { text: { type: 'string', description: 'Any.' } },
      } as const
      gateway.section({ type: 'notes', labelled: true, schema, create: () => undefined })
    })
    await using memory = await startMemory({ notes: { a: { text: 'x' }, b: {} } }, [notes])

    const { changed } = await memory.gateway.reload(
      plainConfig({ notes: { a: { text: 'y' }, c: {} } }),
    )

    expect(changed.sections).toEqual({
      added: ['notes.c'],
      removed: ['notes.b'],
      updated: ['notes.a'],
    })
  })
})

describe('a configuration that says what it said before', () => {
  it('is not built again, whatever the order in which it is written', async () => {
    let made = 0
    const types = middlewaresOf({ m: () => (made++, { onRequest: () => undefined }) })
    const first = chainConfig({ m: { type: 'm', skip_paths: ['/x'], dry_run: false } })
    await using memory = await startMemory(first, [types])
    const { snapshot } = memory.gateway

    const report = await memory.gateway.reload({
      ...chainConfig({ m: { skip_paths: ['/x'], type: 'm' } }),
    })

    expect(report).toMatchObject({ version: 1, hash: snapshot.hash, unchanged: true, drained: [] })
    expect(memory.gateway.snapshot).toBe(snapshot)
    expect(made).toBe(1)
    expect(memory.logs.find('configuration unchanged')).toMatchObject([
      { level: 'info', version: 1 },
    ])
  })

  it('is built again on demand', async () => {
    await using memory = await startMemory()

    const report = await memory.gateway.reload(plainConfig(), { force: true })

    expect(report).toMatchObject({ version: 2, unchanged: true, drained: [] })
  })

  it('has the same hash in every gateway, and another one has another', async () => {
    await using one = await startMemory()
    await using same = await startMemory()
    await using other = await startMemory({ shutdown_timeout_secs: 7 })

    expect(one.gateway.snapshot.hash).toMatch(/^[0-9a-f]{16}$/)
    expect(same.gateway.snapshot.hash).toBe(one.gateway.snapshot.hash)
    expect(other.gateway.snapshot.hash).not.toBe(one.gateway.snapshot.hash)
  })
})

function severalRouters(change: GatewayConfigInput): GatewayConfigInput {
  return plainConfig({
    routers: {
      plain: { rule: '/plain', service: 'app' },
      filtered: { rule: '/filtered', service: 'app', middlewares: ['m'] },
      other: { rule: '/other', service: 'other' },
    },
    services: { app: service('http://app.test'), other: service('http://other.test') },
    middlewares: { m: { type: 'm' } },
    ...change,
  })
}
