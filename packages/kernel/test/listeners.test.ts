import { describe, expect, it } from 'vitest'
import type { GatewayConfigInput } from '../src/config.ts'
import type { Scope } from '../src/scope.ts'
import { MemoryGateway, plainConfig, startMemory } from './support/memory-gateway.ts'

describe('an entrypoint over a reload', () => {
  it('is left alone if its block is the same', async () => {
    await using memory = await startMemory()
    const { web } = memory

    await memory.reload(plainConfig())

    expect(memory.web).toBe(web)
    expect(web.calls).toEqual(['listen'])
    expect(memory.network.servers).toHaveLength(1)
  })

  it('gets other settings without being closed', async () => {
    await using memory = await startMemory()
    const { web } = memory
    const exchange = web.open()

    await memory.reload(
      entrypoints({ web: { address: '127.0.0.1:80', greeting: 'hi', idle_timeout: '5s' } }),
    )

    expect(memory.web).toBe(web)
    expect(web.calls).toEqual(['listen', 'configure'])
    expect(web.options).toEqual({ greeting: 'hi', idle_timeout: 5000 })
    expect(await exchange.read()).toMatchObject({ status: 200 })
  })

  it('gets a scope with its settings, which lives until the next ones', async () => {
    const told: string[] = []
    const watch = (scope: Scope, name: string): void => {
      scope.onActivate(() => void told.push(`${name} begins`))
      scope.defer(() => void told.push(`${name} ends`))
    }
    await using memory = await startMemory()
    const { web, network } = memory
    watch(web.scope, 'first')

    network.onMade = (server) => watch(server.scope, 'second')
    await memory.reload(greet('hi'))
    network.onMade = undefined
    const second = web.scope
    await memory.reload(greet('hi'))

    expect(web.scope).toBe(second)
    expect(told).toEqual(['second begins', 'first ends'])
    await memory.reload(greet('hello'))
    expect(told).toEqual(['second begins', 'first ends', 'second ends'])
  })

  it('may get another name', async () => {
    await using memory = await startMemory()
    const { web } = memory

    await memory.reload(entrypoints({ front: { address: '127.0.0.1:80' } }))

    expect([web.calls, web.entrypoint]).toEqual([['listen', 'configure'], 'front'])
    expect([...memory.gateway.addresses.keys()]).toEqual(['front'])
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it('keeps its old settings if it cannot take the new ones', async () => {
    await using memory = await startMemory()
    const { web } = memory
    web.configure = () => {
      throw new Error('boom')
    }

    await memory.reload(entrypoints({ web: { address: '127.0.0.1:80', greeting: 'hi' } }))

    expect(memory.logs.find('entrypoint kept its old settings')).toHaveLength(1)
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it('is opened and closed as the configuration says', async () => {
    await using memory = await startMemory()
    const old = memory.web

    await memory.reload(entrypoints({ a: { address: '127.0.0.1:81' }, b: { address: ':82' } }))

    expect(memory.network.boundAddresses).toEqual(['*:82', '127.0.0.1:81'])
    expect(old.calls).toEqual(['listen', 'drain'])
    expect([...memory.gateway.addresses]).toEqual([
      ['a', { address: '127.0.0.1', port: 81 }],
      ['b', { address: '*', port: 82 }],
    ])
  })

  it('lets its exchanges end when it is closed', async () => {
    await using memory = await startMemory()
    const old = memory.web
    const exchange = old.open()

    await memory.reload(entrypoints({ other: { address: '127.0.0.1:81' } }))

    expect(await exchange.read()).toMatchObject({ status: 200 })
    expect(() => old.connect()).toThrow('entrypoint "web" is not active')
  })

  it('keeps the port that the system chose', async () => {
    const anyPort = entrypoints({ web: { address: '127.0.0.1:0' } })
    await using memory = await startMemory(anyPort)
    const before = memory.gateway.addresses.get('web')

    await memory.reload(anyPort)
    expect(memory.gateway.addresses.get('web')).toEqual(before)
    await memory.reload(
      entrypoints({ web: { address: '127.0.0.1:0' }, other: { address: '127.0.0.1:0' } }),
    )

    expect(memory.gateway.addresses.get('web')).toEqual(before)
    expect(memory.gateway.addresses.get('other')).not.toEqual(before)
  })
})

describe('an address that changes hands', () => {
  it('goes to another protocol', async () => {
    await using memory = await startMemory()
    const old = memory.web

    await memory.reload({
      ...entrypoints({ raw: { address: '127.0.0.1:80', protocol: 'tcp' } }),
      routers: { raw: { rule: '*', service: 'app' } },
    })

    expect(old.calls).toEqual(['listen', 'release', 'drain'])
    const exchange = memory.web.openStream()
    expect(await exchange.refusal).toBeUndefined()
    exchange.finish()
  })

  it('goes to the wildcard and back', async () => {
    await using memory = await startMemory()

    await memory.reload(entrypoints({ web: { address: '0.0.0.0:80' } }))
    expect(memory.network.boundAddresses).toEqual(['0.0.0.0:80'])
    await memory.reload(entrypoints({ web: { address: '127.0.0.1:80' } }))

    expect(memory.network.boundAddresses).toEqual(['127.0.0.1:80'])
  })

  it('may be swapped between two entrypoints', async () => {
    await using memory = await startMemory(
      entrypoints({ a: { address: '127.0.0.1:80' }, b: { address: '127.0.0.1:81' } }),
    )
    const [first, second] = memory.network.servers

    await memory.reload(
      entrypoints({ a: { address: '127.0.0.1:81' }, b: { address: '127.0.0.1:80' } }),
    )

    expect([first?.entrypoint, second?.entrypoint]).toEqual(['b', 'a'])
    expect([first?.calls, second?.calls]).toEqual([
      ['listen', 'configure'],
      ['listen', 'configure'],
    ])
  })
})

describe('a server', () => {
  it('holds what its scope gave it for as long as it lives', async () => {
    const trace: string[] = []
    await using memory = new MemoryGateway()
    memory.network.onMade = ({ scope }) => holdEverything(scope, trace)
    await memory.gateway.start(plainConfig())

    expect(trace).toEqual(['activate web'])
    await memory.reload(plainConfig())
    await memory.reload(plainConfig())
    await settled()
    expect(trace).toEqual(['activate web'])
    await memory.reload(entrypoints({ other: { address: '127.0.0.1:81' } }))
    await settled()

    expect(trace).toEqual(['activate web', 'activate other', 'defer web', 'dispose web'])
    await memory.gateway.shutdown()
    expect(trace.slice(4)).toEqual(['defer other', 'dispose other'])
  })

  it('leaves nothing if it is made to see whether it can be, or cannot be bound', async () => {
    const trace: string[] = []
    await using memory = new MemoryGateway()
    await memory.gateway.start(plainConfig())
    memory.network.onMade = ({ scope }) => holdEverything(scope, trace)
    memory.network.refusing.set('127.0.0.1:81', new Error('no permission'))

    await memory.gateway.validate(entrypoints({ other: { address: '127.0.0.1:82' } }))
    expect(trace).toEqual(['defer other', 'dispose other'])
    await memory.reload(entrypoints({ other: { address: '127.0.0.1:81' } })).catch(() => undefined)
    expect(trace.slice(2)).toEqual(['defer other', 'dispose other'])
    await memory.reload(entrypoints({ web: { address: '127.0.0.1:80', greeting: 'hi' } }))
    await settled()
    // What was found to work goes on in place of what it had before.
    expect(trace.slice(4)).toEqual(['activate web'])
    await memory.gateway.shutdown()

    expect(trace.slice(5)).toEqual(['defer web', 'dispose web'])
  })

  it('finds the services of the configuration that is active', async () => {
    await using memory = await startMemory()
    const { scope } = memory.web
    const before = scope.service('app')

    await memory.reload(plainConfig())

    expect(scope.service('app')).toBe(memory.gateway.snapshot.services.get('app'))
    expect(scope.service('app')).not.toBe(before)
    expect(() => scope.service('missing')).toThrow('asks for the unknown service "missing"')
  })
})

function holdEverything(scope: Scope, trace: string[]): void {
  scope.onActivate(() => void trace.push(`activate ${scope.name}`))
  scope.defer(() => void trace.push(`defer ${scope.name}`))
  scope.keep(`tls:${scope.name}`, () => ({
    [Symbol.dispose]: () => void trace.push(`dispose ${scope.name}`),
  }))
}

function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

function entrypoints(blocks: Readonly<Record<string, unknown>>): GatewayConfigInput {
  return plainConfig({ entrypoints: blocks })
}

function greet(greeting: string): GatewayConfigInput {
  return entrypoints({ web: { address: '127.0.0.1:80', greeting } })
}
