import { definePlugin, type OptionsSchema, type Plugin } from '@gatewright/kernel'
import { MemoryEntrypoint } from './memory-entrypoint.ts'
import type { MemoryUpstream } from './memory-upstream.ts'

const noOptions: OptionsSchema<object> = {
  type: 'object',
  additionalProperties: false,
  properties: {},
}

/**
 * What a gateway needs to run without sockets, through the public API of plugins: protocol
 * `memory`, transport for `memory:`, strategy `memory` (the first available endpoint), and a
 * routing that takes the first router whatever its rule.
 */
export function memoryPlugin(
  upstream: MemoryUpstream,
  onListen: (entrypoint: MemoryEntrypoint) => void,
): Plugin<undefined> {
  return definePlugin({
    name: 'memory',
    setup(gateway) {
      gateway.protocols.register({
        type: 'memory',
        kind: 'http',
        network: 'tcp',
        schema: noOptions,
        create(_address, _options, ingress, { name }) {
          const entrypoint = new MemoryEntrypoint(name, ingress)
          onListen(entrypoint)
          return entrypoint
        },
      })
      gateway.routings.register({
        type: 'memory',
        schema: noOptions,
        build: (routers) => () => routers[0]?.route,
      })
      gateway.balancers.register({
        type: 'memory',
        schema: noOptions,
        create: () => ({ pick: ({ available }) => available[0] }),
      })
      gateway.transports.register({
        type: 'memory',
        schemes: ['memory'],
        schema: noOptions,
        create: () => ({ send: (ctx, attempt) => upstream.send(ctx, attempt) }),
      })
    },
  })
}
