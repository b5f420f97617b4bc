import { type AnyTransportFactory, definePlugin, type Plugin } from '@gatewright/kernel'
import { httpTransport } from '@gatewright/plugin-http'
import type { MemoryFake } from '../fakes/memory-fake.ts'

/** Leads what goes to `memory:` servers to the fakes of that URL. */
export function fakesPlugin(fakes: readonly MemoryFake[]): Plugin<undefined> {
  const byHost = new Map(fakes.map((fake) => [new URL(fake.url).host, fake.upstream]))
  const transport: AnyTransportFactory = {
    type: 'memory',
    schemes: ['memory'],
    // Keys of the `load_balancer` block that a fake has no use for must not be refused.
    schema: httpTransport.schema,
    create: () => ({
      send: async (ctx, attempt) => {
        const upstream = byHost.get(attempt.endpoint.url.host)
        if (upstream === undefined) throw new Error(`no fake at ${attempt.endpoint.url.href}`)
        return await upstream.send(ctx, attempt)
      },
    }),
  }
  return definePlugin({
    name: '@gatewright/testing',
    setup: (gateway) => gateway.transports.register(transport),
  })
}
