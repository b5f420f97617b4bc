import type { GatewayConfigInput } from '../../src/config.ts'
import type { Plugin } from '../../src/plugin.ts'
import type { Snapshot } from '../../src/snapshot.ts'
import { bareMiddleware, type MemoryGateway, plugin } from './memory-gateway.ts'
import type { MemoryServer } from './memory-network.ts'

/** Plugins that fail on demand, and one healthy middleware with everything that can be held. */
export class World {
  readonly trace: string[] = []
  readonly config: GatewayConfigInput = {
    routers: { app: { rule: '/', service: 'app', middlewares: ['good'] } },
    middlewares: { good: { type: 'good' } },
  }
  resource: unknown = undefined
  #instances = 0

  get plugins(): Plugin[] {
    const trace = this.trace
    const none = { type: 'object', additionalProperties: false, properties: {} } as const
    const flag = { type: 'boolean', description: 'Fails.' } as const
    const faulty = plugin('faulty', (gateway) => {
      const { hooks } = gateway
      hooks.config.tap('faulty', (config) => (config['faulty'] === 'hook' ? boom() : config))
      hooks.activate.tap('faulty', () => void trace.push('activate hook'))
      hooks.retire.tap('faulty', () => void trace.push('retire hook'))
      gateway.section({ type: 'broken', labelled: false, schema: none, create: boom })
      gateway.protocols.register({
        type: 'faulty',
        kind: 'http',
        network: 'tcp',
        schema: none,
        create: boom,
      })
      gateway.entrypointFeatures.register({
        type: 'faulty',
        schema: { ...none, properties: { faulty: flag } },
        create: boom,
      })
      gateway.balancers.register({ type: 'faulty', schema: none, create: boom })
      gateway.serviceFeatures.register({
        type: 'faulty',
        parent: 'service',
        stage: 0,
        schema: none,
        create: boom,
      })
      gateway.middlewares.register({ type: 'faulty', schema: none, create: boom })
    })
    const good = plugin('good', ({ middlewares }) =>
      middlewares.register(
        bareMiddleware('good', (scope) => {
          const instance = ++this.#instances
          scope.defer(() => void trace.push(`defer ${instance}a`))
          scope.defer(() => void trace.push(`defer ${instance}b`))
          scope.onActivate(() => void trace.push(`activate ${instance}`))
          this.resource = scope.keep('resource', () => ({
            [Symbol.dispose]: () => void trace.push('dispose'),
          }))
          return {
            onResponse: (_ctx, { headers }) => headers.set('x-instance', String(instance)),
          }
        }),
      ),
    )
    return [good, faulty]
  }

  /** What was deferred by instances that came to nothing. */
  defersRanInReverse(): boolean {
    const defers = this.trace.filter((what) => what.startsWith('defer'))
    return defers.every((what, index) => what.endsWith(index % 2 === 0 ? 'b' : 'a'))
  }
}

export interface State {
  readonly snapshot: Snapshot
  readonly version: number
  readonly addresses: unknown
  readonly bound: readonly string[]
  readonly server: MemoryServer
  readonly resource: unknown
  readonly endpoint: unknown
}

export function stateOf(memory: MemoryGateway, world: World): State {
  const { snapshot, addresses } = memory.gateway
  return {
    snapshot,
    version: snapshot.version,
    addresses: [...addresses],
    bound: memory.network.boundAddresses,
    server: memory.web,
    resource: world.resource,
    endpoint: snapshot.services.get('app')?.pool.all[0],
  }
}

function boom(): never {
  throw new Error('boom')
}
