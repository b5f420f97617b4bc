import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { GatewayConfigInput } from '../src/config.ts'
import { GatewayResponse } from '../src/response.ts'
import type { Snapshot } from '../src/snapshot.ts'
import {
  bareMiddleware,
  chainConfig,
  MemoryGateway,
  middlewaresOf,
  plainConfig,
  plugin,
  service,
  startMemory,
} from './support/memory-gateway.ts'
import { stateOf, World } from './support/world.ts'

const feature = { entrypoints: { web: { address: '127.0.0.1:80', faulty: true } } }
const strategy = {
  services: { app: { load_balancer: { strategy: 'faulty', servers: [{ url: 'http://a.test' }] } } },
}

describe('a reload', () => {
  it('serves new exchanges by the new configuration', async () => {
    await using memory = await startMemory()

    const { version } = await memory.reload(
      plainConfig({ routers: { other: { rule: '/other', service: 'app' } } }),
    )

    expect(version).toBe(2)
    expect(memory.gateway.snapshot.version).toBe(2)
    expect(await memory.send({ target: '/' })).toMatchObject({ status: 404 })
    expect(await memory.send({ target: '/other' })).toMatchObject({ status: 200 })
  })

  it('leaves an exchange what it began with, to its end', async () => {
    const seen: string[] = []
    let made = 0
    const stamp = plugin('stamp', ({ middlewares, hooks }) => {
      middlewares.register(
        bareMiddleware('stamp', () => {
          const instance = ++made
          return {
            onRequest: () => void seen.push(`in ${instance}`),
            onResponse: () => void seen.push(`out ${instance}`),
          }
        }),
      )
      hooks.finish.tap('stamp', ({ snapshot }) => void seen.push(`finish ${snapshot.version}`))
    })
    await using memory = await startMemory(chainConfig({ stamp: { type: 'stamp' } }), [stamp])
    const gate = Promise.withResolvers<GatewayResponse>()
    memory.upstream.respond = () => gate.promise
    const exchange = memory.web.open()

    await memory.reload(chainConfig({ stamp: { type: 'stamp', skip_paths: ['/x'] } }))
    gate.resolve(new GatewayResponse({ status: 200 }))
    await exchange.read()
    await memory.send()

    expect(seen).toEqual(['in 1', 'out 1', 'finish 1', 'in 2', 'out 2', 'finish 2'])
  })

  it('gives the next request on an old connection the new configuration', async () => {
    await using memory = await startMemory()
    const connection = memory.web.connect()
    await memory.web.send({}, connection)

    await memory.reload(plainConfig({ routers: {} }))

    expect(connection.snapshot.version).toBe(1)
    expect(await memory.web.send({}, connection)).toMatchObject({ status: 404 })
  })

  it('tells plugins what follows what', async () => {
    const trace: string[] = []
    const taps = plugin('trace', ({ hooks }) => {
      hooks.activate.tap('trace', (next, previous) => {
        trace.push(`activate ${next.version} after ${previous?.version}`)
      })
      hooks.retire.tap('trace', ({ version }) => void trace.push(`retire ${version}`))
    })
    const memory = await startMemory({}, [taps])

    await memory.reload(plainConfig())
    await memory.gateway.shutdown()

    expect(trace).toEqual([
      'activate 1 after undefined',
      'activate 2 after 1',
      'retire 1',
      'retire 2',
    ])
  })

  it('gives way to a newer one while it waits', async () => {
    await using memory = await startMemory()
    const build = Promise.withResolvers<void>()
    memory.network.onListen = () => build.promise

    const running = memory.reload(at('127.0.0.1:81'))
    await new Promise(setImmediate)
    const waiting = memory.reload(at('127.0.0.1:82')).catch((error: unknown) => error)
    const newest = memory.reload(at('127.0.0.1:83'))
    build.resolve()

    expect((await running).version).toBe(2)
    expect(await waiting).toMatchObject({ code: 'GW_SUPERSEDED' })
    expect((await newest).version).toBe(3)
    expect(memory.network.boundAddresses).toEqual(['127.0.0.1:83'])
  })

  it('runs even if the one before it fails', async () => {
    const gate = Promise.withResolvers<void>()
    const slow = plugin('slow', ({ hooks }) =>
      hooks.config.tapPromise('slow', async (config) => {
        if (config['colour'] !== undefined) await gate.promise
        return config
      }),
    )
    await using memory = await startMemory({}, [slow])

    const failing = memory.reload({ colour: 'red' }).catch((error: unknown) => error)
    await new Promise(setImmediate)
    const waiting = memory.reload(plainConfig())
    gate.resolve()

    expect(await failing).toMatchObject({ code: 'GW_CONFIG_INVALID' })
    expect((await waiting).version).toBe(2)
  })

  it('is refused before the start', async () => {
    await expect(new MemoryGateway().gateway.reload(plainConfig())).rejects.toMatchObject({
      code: 'GW_NOT_STARTED',
    })
  })
})

describe('a reload that fails', () => {
  const faults: readonly [step: string, config: GatewayConfigInput, code: string][] = [
    ['the config hook', { faulty: 'hook' }, 'GW_PLUGIN_ERROR'],
    ['reading', { colour: 'red' }, 'GW_CONFIG_INVALID'],
    ['a reference', { routers: { a: { rule: '/', service: 'missing' } } }, 'GW_CONFIG_INVALID'],
    ['a section', { broken: {} }, 'GW_CONFIG_INVALID'],
    ['an entrypoint feature', feature, 'GW_CONFIG_INVALID'],
    ['a protocol', at('127.0.0.1:99', 'faulty'), 'GW_CONFIG_INVALID'],
    ['a balancer', strategy, 'GW_CONFIG_INVALID'],
    ['a service feature', withBlock('faulty'), 'GW_CONFIG_INVALID'],
    ['a middleware', { middlewares: { bad: { type: 'faulty' } } }, 'GW_CONFIG_INVALID'],
    ['the routing', { routers: { a: { rule: 'bad', service: 'app' } } }, 'GW_CONFIG_INVALID'],
    ['a listener', at('127.0.0.1:98'), 'GW_LISTEN_FAILED'],
    ['an address in use', at('127.0.0.1:97'), 'GW_ADDRESS_IN_USE'],
  ]

  it.each(faults)('leaves everything as it was: %s', async (_step, change, code) => {
    const world = new World()
    await using memory = await startMemory(world.config, world.plugins)
    memory.network.refusing.set('127.0.0.1:98', new Error('no permission'))
    memory.network.refusing.set(
      '127.0.0.1:97',
      Object.assign(new Error('in use'), { code: 'EADDRINUSE' }),
    )
    const before = stateOf(memory, world)
    world.trace.length = 0

    const failed = await memory
      .reload(plainConfig({ ...world.config, ...change }))
      .catch((error: unknown) => error)

    expect(failed).toMatchObject({ code })
    expect(stateOf(memory, world)).toEqual(before)
    expect(memory.gateway.snapshot).toBe(before.snapshot)
    expect(memory.gateway.liveSnapshots).toBe(1)
    expect(world.trace.filter((what) => /activate|retire|dispose/.test(what))).toEqual([])
    expect(world.defersRanInReverse()).toBe(true)
    const { headers } = await memory.send()
    expect(headers['x-instance']).toBe('1')
    await memory.reload(plainConfig(world.config))
    expect(memory.gateway.snapshot.version).toBe(2)
  })

  it('puts back a listener whose address it wanted for something else', async () => {
    await using memory = await startMemory()
    memory.network.refusing.set('*:80', new Error('no permission'))
    const server = memory.web

    await expect(memory.reload(at(':80'))).rejects.toMatchObject({
      code: 'GW_LISTEN_FAILED',
    })

    expect(memory.web).toBe(server)
    expect(server.calls).toEqual(['listen', 'release', 'listen'])
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it('puts back a listener that cannot let its address go', async () => {
    await using memory = await startMemory()
    const server = memory.web
    const release = server.release.bind(server)
    server.release = async () => {
      await release()
      throw new Error('still busy')
    }

    await expect(memory.reload(at(':80'))).rejects.toMatchObject({
      code: 'GW_LISTEN_FAILED',
      message: 'entrypoint "web" cannot listen on 127.0.0.1:80: still busy',
    })

    expect(memory.web).toBe(server)
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it('says when a listener is lost for it', async () => {
    await using memory = await startMemory()
    memory.network.refusing.set('*:80', new Error('no permission'))
    memory.network.refusing.set('127.0.0.1:80', new Error('somebody was quicker'))

    await memory.reload(at(':80')).catch(() => undefined)

    expect(memory.logs.find('entrypoint is lost')).toMatchObject([{ entrypoint: 'web' }])
  })
})

describe('a thousand reloads under load', () => {
  it('leave no snapshot behind', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const retired: number[] = []
    const counting = plugin('counting', ({ hooks }) =>
      hooks.retire.tap('counting', ({ version }) => void retired.push(version)),
    )
    await using memory = await startMemory(configNumber(0), [
      counting,
      middlewaresOf({
        m: (scope) => (scope.defer(() => undefined), { onRequest: () => undefined }),
      }),
    ])
    const snapshots: WeakRef<Snapshot>[] = []
    for (let round = 1; round <= 1000; round++) {
      const open = [memory.web.open(), memory.web.open({ target: '/other' })]
      snapshots.push(new WeakRef(memory.gateway.snapshot))
      await memory.reload(configNumber(round))
      await Promise.all(open.map((exchange) => exchange.read()))
    }
    for (let i = 0; i < 5; i++) {
      await new Promise(setImmediate)
      collect()
    }

    expect(retired).toHaveLength(1000)
    expect(memory.gateway.liveSnapshots).toBe(1)
    expect(snapshots.filter((reference) => reference.deref() !== undefined)).toEqual([])
  })
})

function withBlock(name: string): GatewayConfigInput {
  return { services: { app: { ...service('http://a.test'), [name]: {} } } }
}

function at(address: string, protocol = 'http'): GatewayConfigInput {
  return plainConfig({ entrypoints: { web: { address, protocol } } })
}

function configNumber(round: number): GatewayConfigInput {
  return plainConfig({
    routers: {
      app: { rule: '/', service: 'app', middlewares: ['m'] },
      other: { rule: '/other', service: 'other', priority: round },
    },
    services: { app: service('http://app.test'), other: service(`http://h${round % 7}.test`) },
    middlewares: { m: { type: 'm', skip_paths: [`/${round % 3}`] } },
  })
}
