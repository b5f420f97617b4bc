import { type Dialer, plainDialer } from '@gatewright/http1'
import {
  type Attempt,
  type Connection,
  defineTransport,
  type GatewayError,
  type Service,
  type StreamContext,
  type StreamTransport,
  type TransportFactory,
  type Tunnel,
} from '@gatewright/kernel'
import { isSecure, openUpstreamTls, type TlsDialer, type UpstreamTls } from '@gatewright/tls'
import { connectFor } from './connecting.ts'
import { errors } from './errors.ts'
import { type TcpTransportOptions, transportSchema } from './options.ts'
import type { ProxiedEnds } from './proxy-header.ts'
import { writeProxyHeader } from './proxy-header-writer.ts'

/** The transport for `tcp://` and `tls://` servers. */
export const tcpTransport: TransportFactory<TcpTransportOptions, StreamTransport> = defineTransport(
  {
    type: 'tcp',
    schemes: ['tcp', 'tls'],
    schema: transportSchema,
    create(options, service, scope) {
      checkServers(service, options)
      const tls = openUpstreamTls(options.upstream_tls, service, scope)
      if (service.pool.all.some(({ url }) => isSecure(url))) scope.onActivate(() => tls.prepare())
      return new TcpTransport(options, tls)
    },
  },
)

class TcpTransport implements StreamTransport {
  readonly maxRetries: number
  readonly #options: TcpTransportOptions
  readonly #tls: UpstreamTls

  constructor(options: TcpTransportOptions, tls: UpstreamTls) {
    this.#options = options
    this.#tls = tls
    this.maxRetries = options.connect_retries ?? Number.POSITIVE_INFINITY
  }

  async connect(ctx: StreamContext, attempt: Attempt): Promise<Tunnel> {
    const {
      connect_timeout: connectTimeoutMs,
      idle_timeout: idleTimeoutMs,
      half_close_timeout: halfCloseTimeoutMs,
      total_timeout: totalTimeoutMs,
    } = this.#options
    const { url } = attempt.endpoint
    const { proxy_protocol: version } = this.#options
    const header = version && writeProxyHeader(version, endsOf(ctx.connection))
    const secure = isSecure(url)
    const dialer = secure ? this.#dialerFor(ctx.connection, header) : plainDialer
    const socket = await connectFor(ctx, attempt, dialer, connectTimeoutMs)
    if (!secure && header !== undefined) socket.write(header)
    const lossBy = (error: Error): GatewayError | undefined => dialer.loss?.(url.href, error)
    return { socket, idleTimeoutMs, halfCloseTimeoutMs, totalTimeoutMs, lossBy }
  }

  /** Offers what the client has agreed on with the gateway, unless the options say something else. */
  #dialerFor({ alpn }: Connection, header: Buffer | undefined): Dialer {
    const agreed = alpn === undefined ? [] : [alpn]
    const dialer = this.#tls.dialer(this.#tls.alpn ?? agreed)
    return header === undefined ? dialer : greeting(dialer, header)
  }
}

/** Who says a word in cleartext first. */
function greeting(dialer: TlsDialer, header: Buffer): Dialer {
  return {
    secure: (socket, origin) => {
      socket.write(header)
      return dialer.secure(socket, origin)
    },
    failure: (endpoint, error) => dialer.failure(endpoint, error),
    loss: (endpoint, error) => dialer.loss(endpoint, error),
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

/** Throws GW_TCP_SERVER and GW_TCP_TLS_UNUSED. */
function checkServers({ pool }: Service, { upstream_tls: tls }: TcpTransportOptions): void {
  for (const { url } of pool.all) {
    if (url.protocol !== 'tcp:' && url.protocol !== 'tls:') continue
    if (tls !== undefined && url.protocol === 'tcp:') {
      throw errors.GW_TCP_TLS_UNUSED({ url: url.href }, { option: ['upstream_tls'] })
    }
    if (url.port === '') throw errors.GW_TCP_SERVER({ url: url.href, problem: 'has no port' })
    if (url.pathname.length > 1) {
      throw errors.GW_TCP_SERVER({ url: url.href, problem: 'has a path' })
    }
  }
}
