import { defineTransport, type TransportFactory } from '@gatewright/kernel'
import { http2Transport, type UpstreamOptions } from '@gatewright/plugin-http'

/** The transport for `grpc://` servers, and for `grpcs://` ones, which speak HTTP/2 over TLS. */
export const grpcTransport: TransportFactory<UpstreamOptions> = defineTransport({
  ...http2Transport,
  type: 'grpc',
  schemes: ['grpc', 'grpcs'],
})
