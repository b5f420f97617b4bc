import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connectError } from '@gatewright/http1'
import {
  type AnyOptions,
  type Attempt,
  defineTransport,
  type Service,
  type StreamContext,
  type StreamTransport,
  type TransportFactory,
  type Tunnel,
} from '@gatewright/kernel'
import { addressOf, asIs } from './address-lookup.ts'
import { ClientFlow } from './client-flow.ts'
import { errors } from './errors.ts'
import { transportSchema } from './options.ts'
import { UpstreamFlow } from './upstream-flow.ts'

/** The transport for `udp://` servers. */
export const udpTransport: TransportFactory<AnyOptions, StreamTransport> = defineTransport({
  type: 'udp',
  schemes: ['udp'],
  schema: transportSchema,
  create(_, service) {
    checkServers(service)
    return { network: 'udp', maxRetries: Number.POSITIVE_INFINITY, connect }
  },
})

/** Throws GW_UPSTREAM_CONNECT if there is no way to the server. Whether it lives, nobody knows. */
async function connect(ctx: StreamContext, { endpoint }: Attempt): Promise<Tunnel> {
  const { href, hostname, port } = endpoint.url
  if (!(ctx.client instanceof ClientFlow)) throw errors.GW_UDP_MIXED({ endpoint: href })
  try {
    const { address, type } = await addressOf(hostname.replace(/^\[(.*)\]$/, '$1'))
    const socket = createSocket({ type, lookup: asIs })
    const connected = once(socket, 'connect')
    socket.connect(Number(port), address)
    try {
      await connected
    } catch (error) {
      socket.close()
      throw error
    }
    const flow = new UpstreamFlow(socket)
    return { socket: flow, idleTimeoutMs: 0, halfCloseTimeoutMs: 0, totalTimeoutMs: 0 }
  } catch (error) {
    throw connectError(href, error)
  }
}

/** Throws GW_UDP_SERVER. */
function checkServers({ pool }: Service): void {
  for (const { url } of pool.all) {
    if (url.protocol !== 'udp:') continue
    if (url.port === '') throw errors.GW_UDP_SERVER({ url: url.href, problem: 'has no port' })
    if (url.pathname.length > 1) {
      throw errors.GW_UDP_SERVER({ url: url.href, problem: 'has a path' })
    }
  }
}
