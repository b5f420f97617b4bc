import { sharedDeadlines } from '@gatewright/http1'
import { defineTransport, type TransportFactory } from '@gatewright/kernel'
import { isSecure } from '@gatewright/tls'
import { upstreamSettings, upstreamTlsOf } from '../http-transport.ts'
import { http2TransportSchema, type UpstreamOptions } from '../options.ts'
import { PooledTransport } from '../pooled-transport.ts'
import { Http2Pool } from './http2-pool.ts'

/**
 * The transport for `h2c://` servers, and for those of other plugins that speak nothing but HTTP/2,
 * over TLS as well. Connections survive a reload that keeps its options.
 */
export const http2Transport: TransportFactory<UpstreamOptions> = defineTransport({
  type: 'http2',
  schemes: ['h2c'],
  schema: http2TransportSchema,
  create(options, service, scope) {
    const tls = upstreamTlsOf(options, service, scope)
    const key = `http2:${service.name}:${tls.key}:${JSON.stringify(options)}`
    const settings = upstreamSettings(options, scope.share)
    const poolAt = (url: URL): Http2Pool =>
      new Http2Pool(url, settings, sharedDeadlines, isSecure(url) ? tls.dialer(['h2']) : undefined)
    return scope.keep(key, () => new PooledTransport(poolAt))
  },
})
