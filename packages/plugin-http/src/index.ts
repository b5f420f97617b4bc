/**
 * HTTP: the entrypoint protocol `http` and the upstream schemes `http`, `https` and `h2c`.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { certificateBoardOf } from '@gatewright/tls'
import { createHttpProtocol } from './http-protocol.ts'
import { httpTransport } from './http-transport.ts'
import { ioSchema, prepareIo, useIo } from './io-choice.ts'
import { http2Transport } from './upstream-http2/http2-transport.ts'

export type {
  HttpEntrypointOptions,
  HttpLimitsOptions,
  OverloadOptions,
} from './entrypoint-options.ts'
export { ForwardedFields } from './forwarded-fields.ts'
export type { ForwardedHeadersOptions } from './forwarded-options.ts'
export { createHttpProtocol } from './http-protocol.ts'
export { httpTransport } from './http-transport.ts'
export type { HttpTransportOptions, PipelineOptions, UpstreamOptions } from './options.ts'
export { TrustedPeers } from './trusted-peers.ts'
export { http2Transport } from './upstream-http2/http2-transport.ts'
export { http2CodeOf } from './upstream-http2/stream-errors.ts'

export default definePlugin({
  name: '@gatewright/plugin-http',
  setup(gateway) {
    gateway.section<string, void>({
      type: 'io',
      labelled: false,
      schema: ioSchema,
      create: (choice, { log }) => prepareIo(choice, log),
    })
    gateway.hooks.activate.tap('@gatewright/plugin-http', useIo)
    gateway.protocols.register(createHttpProtocol(certificateBoardOf(gateway)))
    gateway.transports.register(httpTransport)
    gateway.transports.register(http2Transport)
  },
})
