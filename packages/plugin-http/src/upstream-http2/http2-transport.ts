import { sharedDeadlines } from '@gatewright/http1'
import type { TransportFactory } from '@gatewright/kernel'
import { upstreamSettings } from '../http-transport.ts'
import { http2TransportSchema, type UpstreamOptions } from '../options.ts'
import { PooledTransport } from '../pooled-transport.ts'
import { Http2Pool } from './http2-pool.ts'

/** The transport for `h2c://` servers. Connections survive a reload that keeps its options. */
export const http2Transport: TransportFactory<UpstreamOptions> = {
  type: 'http2',
  schemes: ['h2c'],
  schema: http2TransportSchema,
  create(options, service, scope) {
    const key = `http2:${service.name}:${JSON.stringify(options)}`
    const settings = upstreamSettings(options, scope.share)
    return scope.keep(
      key,
      () => new PooledTransport((url) => new Http2Pool(url, settings, sharedDeadlines)),
    )
  },
}
