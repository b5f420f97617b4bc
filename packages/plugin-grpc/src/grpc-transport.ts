import type { TransportFactory } from '@gatewright/kernel'
import { http2Transport, type UpstreamOptions } from '@gatewright/plugin-http'

/** The transport for `grpc://` servers, which speak HTTP/2 without TLS like those of `h2c://`. */
export const grpcTransport: TransportFactory<UpstreamOptions> = {
  ...http2Transport,
  type: 'grpc',
  schemes: ['grpc'],
}
