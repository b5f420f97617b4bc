import { describe, expect, it } from 'vitest'
import type { Plugin } from '../src/plugin.ts'
import type { Balancer, ServiceFeature } from '../src/service.ts'
import {
  chainConfig,
  type MemoryGateway,
  middlewaresOf,
  plainConfig,
  plugin,
  service,
  startMemory,
} from './support/memory-gateway.ts'

/** Everything that a plugin may do in place of what it should. */
const ways: Readonly<Record<string, () => never>> = {
  throws: () => {
    throw new Error('boom')
  },
  'throws a string': () => {
    // oxlint-disable-next-line typescript/only-throw-error -- what plugins do
    throw 'boom'
  },
  rejects: () => Promise.reject(new Error('boom')) as never,
  'returns nonsense': () => 42 as never,
  // oxlint-disable-next-line unicorn/no-thenable -- what plugins do
  'returns a broken thenable': () => ({ then: ways['throws'] }) as never,
}

describe.each(Object.entries(ways))('a plugin that %s', (how, fail) => {
  const places: [string, string, string, (fail: () => never) => Promise<MemoryGateway>][] = [
    ['onRequest', 'middleware "it"', 'onRequest', inMiddleware('onRequest')],
    ['onResponse', 'middleware "it"', 'onResponse', inMiddleware('onResponse')],
    ['an around', 'middleware "it"', 'around', inMiddleware('around')],
    ['a request tap', 'plugin "chaos"', 'hook "request"', inTap('request')],
    ['a response tap', 'plugin "chaos"', 'hook "response"', inTap('response')],
    ['a strategy', 'strategy "', 'pick', inBalancer],
    ['a service feature', 'service feature "chaos" of plugin "', 'around', inFeature],
  ]
  // What a response tap returns is ignored, unless it is to be waited for.
  const there = places.filter(([place]) => how !== 'returns nonsense' || place !== 'a response tap')

  it.each(there)('in %s costs one exchange, and is named', async (_place, owner, where, start) => {
    await using memory = await start(fail)

    const { status, response } = await memory.send()

    expect([500, 502]).toContain(status)
    expect(response.error?.message).toContain(owner)
    expect(response.error?.message).toContain(where)
    expect(memory.gateway.state).toBe('running')
  })
})

function inMiddleware(step: string) {
  return (fail: () => never) =>
    startMemory(chainConfig({ it: { type: 'chaos' } }), [
      middlewaresOf({ chaos: () => ({ [step]: fail }) }),
    ])
}

function inTap(hook: 'request' | 'response') {
  return (fail: () => never) =>
    startMemory({}, [chaos((gateway) => gateway.hooks[hook].tap('chaos', fail))])
}

function inBalancer(fail: () => never): Promise<MemoryGateway> {
  const balancer: Balancer = { pick: fail }
  const { load_balancer: balancing } = service('http://app.test') as { load_balancer: object }
  const app = { load_balancer: { ...balancing, strategy: 'chaos' } }
  const plugins = [
    chaos((gateway) =>
      gateway.balancers.register({ type: 'chaos', schema: none, create: () => balancer }),
    ),
  ]
  return startMemory(plainConfig({ services: { app } }), plugins)
}

function inFeature(fail: () => never): Promise<MemoryGateway> {
  const feature: ServiceFeature = { around: fail }
  const app = { ...service('http://app.test'), chaos: {} }
  const rest = { type: 'chaos', parent: 'service', stage: 0 } as const
  const plugins = [
    chaos((gateway) =>
      gateway.serviceFeatures.register({ ...rest, schema: none, create: () => feature }),
    ),
  ]
  return startMemory(plainConfig({ services: { app } }), plugins)
}

const none = { type: 'object', additionalProperties: false, properties: {} } as const

function chaos(setup: Plugin['setup']): Plugin {
  return plugin('chaos', (gateway) => setup(gateway, undefined) as undefined)
}
