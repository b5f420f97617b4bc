import type {
  Attempt,
  Connection,
  Service,
  StreamContext,
  StreamTransport,
  TransportFactory,
  Tunnel,
} from '@gatewright/kernel'
import { Connecting } from './connecting.ts'
import { errors } from './errors.ts'
import { type TcpTransportOptions, transportSchema } from './options.ts'
import type { ProxiedEnds } from './proxy-header.ts'
import { writeProxyHeader } from './proxy-header-writer.ts'

/** The transport for `tcp://` servers. */
export const tcpTransport: TransportFactory<TcpTransportOptions, StreamTransport> = {
  type: 'tcp',
  schemes: ['tcp'],
  schema: transportSchema,
  create(options, service) {
    checkServers(service)
    return new TcpTransport(options)
  },
}

class TcpTransport implements StreamTransport {
  readonly maxRetries: number
  readonly #options: TcpTransportOptions

  constructor(options: TcpTransportOptions) {
    this.#options = options
    this.maxRetries = options.connect_retries ?? Number.POSITIVE_INFINITY
  }

  async connect(ctx: StreamContext, { endpoint }: Attempt): Promise<Tunnel> {
    const {
      connect_timeout: connectTimeoutMs,
      idle_timeout: idleTimeoutMs,
      half_close_timeout: halfCloseTimeoutMs,
      total_timeout: totalTimeoutMs,
    } = this.#options
    const socket = await new Connecting(endpoint.url, connectTimeoutMs).socket(ctx)
    const { proxy_protocol: version } = this.#options
    if (version !== undefined) socket.write(writeProxyHeader(version, endsOf(ctx.connection)))
    return { socket, idleTimeoutMs, halfCloseTimeoutMs, totalTimeoutMs }
  }
}

function endsOf({
  remoteAddress: sourceAddress,
  remotePort: sourcePort,
  localAddress: destinationAddress,
  localPort: destinationPort,
}: Connection): ProxiedEnds | undefined {
  if (destinationAddress === undefined) return undefined
  return { sourceAddress, sourcePort, destinationAddress, destinationPort }
}

/** Throws GW_TCP_SERVER. */
function checkServers({ pool }: Service): void {
  for (const { url } of pool.all) {
    if (url.protocol !== 'tcp:') continue
    if (url.port === '') throw errors.GW_TCP_SERVER({ url: url.href, problem: 'has no port' })
    if (url.pathname.length > 1) {
      throw errors.GW_TCP_SERVER({ url: url.href, problem: 'has a path' })
    }
  }
}
