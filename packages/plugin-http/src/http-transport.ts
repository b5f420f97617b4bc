import {
  type Dialer,
  defaultLimits,
  PipelinedPool,
  type PipelineSettings,
  UpstreamPool,
  type UpstreamSettings,
} from '@gatewright/http1'
import {
  defineTransport,
  type GatewayError,
  type Scope,
  type Service,
  type TransportFactory,
} from '@gatewright/kernel'
import { isSecure, openUpstreamTls, type UpstreamTls } from '@gatewright/tls'
import { checkAlpn, spokenAlpn } from './alpn.ts'
import { deadlines, heads, io } from './environment.ts'
import { errors } from './errors.ts'
import { type AdoptingPool, HttpsPool } from './https-pool.ts'
import {
  defaultPipeline,
  type HttpTransportOptions,
  transportSchema,
  type UpstreamOptions,
} from './options.ts'
import { PooledTransport } from './pooled-transport.ts'
import { Http2Pool } from './upstream-http2/http2-pool.ts'

/**
 * The transport for `http://` and `https://` servers, which may also be written `ws://` and `wss://`.
 * Connections survive a reload that keeps its options.
 */
export const httpTransport: TransportFactory<HttpTransportOptions> = defineTransport({
  type: 'http1',
  schemes: ['http', 'https', 'ws', 'wss'],
  schema: transportSchema,
  create(options, service, scope) {
    const tls = upstreamTlsOf(options, service, scope)
    const key = `http1:${service.name}:${tls.key}:${JSON.stringify(options)}`
    return scope.keep(
      key,
      () => new HttpTransport(upstreamSettings(options, scope.share), pipelineOf(options), tls),
    )
  },
})

/** Connections to the endpoints of one service. */
export class HttpTransport extends PooledTransport {
  constructor(settings: UpstreamSettings, pipeline?: PipelineSettings, tls?: UpstreamTls) {
    const environment = { limits: defaultLimits, deadlines, heads, io }
    const http1 = (url: URL, dialer?: Dialer): AdoptingPool =>
      pipeline === undefined
        ? new UpstreamPool(url, settings, environment, dialer)
        : new PipelinedPool(url, settings, pipeline, environment, dialer)
    super((url) => {
      if (tls === undefined || !isSecure(url)) return http1(url)
      const offered = tls.alpn ?? spokenAlpn
      if (!offered.includes('h2')) return http1(url, tls.dialer(offered))
      const http2 = (): AdoptingPool => new Http2Pool(url, settings, deadlines, tls.dialer(['h2']))
      if (offered.length === 1) return http2()
      return new HttpsPool(url, settings, deadlines, tls.dialer(offered), {
        http1: () => http1(url, tls.dialer(['http/1.1'])),
        http2,
      })
    })
  }
}

/**
 * How the servers of a service that speak TLS are reached, if there are any.
 * Throws GW_TLS_…, GW_HTTP_TLS_UNUSED and GW_HTTP_ALPN_UNKNOWN.
 */
export function upstreamTlsOf(
  { upstream_tls: options }: UpstreamOptions,
  service: Service,
  scope: Scope,
): UpstreamTls {
  const { all } = service.pool
  const plain = all.find(({ url }) => !isSecure(url))
  if (options !== undefined && plain !== undefined) throw unusedTls(plain.url)
  checkAlpn(['upstream_tls', 'alpn'], options?.alpn, spokenAlpn)
  const tls = openUpstreamTls(options, service, scope)
  if (all.some(({ url }) => isSecure(url))) scope.onActivate(() => tls.prepare())
  return tls
}

/** What is to be encrypted would go out in cleartext, of which nobody might hear. */
function unusedTls({ href, protocol }: URL): GatewayError {
  const secure = secureSchemes.get(protocol) ?? 'https://'
  return errors.GW_HTTP_TLS_UNUSED({ url: href, secure }, { option: ['upstream_tls'] })
}

const secureSchemes: ReadonlyMap<string, string> = new Map([
  ['ws:', 'wss://'],
  ['grpc:', 'grpcs://'],
])

/**
 * How the servers of a service are treated.
 * @param share Which part of the connections is this gateway's; rounded up, so that it has one.
 */
export function upstreamSettings(options: UpstreamOptions, share: number): UpstreamSettings {
  return {
    connectTimeoutMs: options.connect_timeout,
    responseTimeoutMs: options.request_timeout,
    idleTimeoutMs: options.stream_idle_timeout,
    totalTimeoutMs: options.stream_total_timeout,
    maxConnections: Math.ceil(options.max_connections_per_server * share),
    maxWaiting: Math.ceil(options.max_waiting_per_server * share),
    passHostHeader: options.pass_host_header,
  }
}

function pipelineOf({ pipeline }: HttpTransportOptions): PipelineSettings | undefined {
  if (pipeline === false) return undefined
  const {
    connections,
    depth,
    head_of_line: headOfLineMs,
  } = pipeline === true ? defaultPipeline : pipeline
  return { connections, depth, headOfLineMs }
}
