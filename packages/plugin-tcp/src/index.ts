/**
 * TCP: the entrypoint protocol `tcp` and the upstream schemes `tcp` and, over TLS, `tls`.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { certificateBoardOf } from '@gatewright/tls'
import { useIo } from './io-choice.ts'
import { createTcpProtocol } from './tcp-protocol.ts'
import { tcpTransport } from './tcp-transport.ts'

export type {
  ProxyProtocolOptions,
  TcpEntrypointOptions,
  TcpTransportOptions,
} from './options.ts'
export { createTcpProtocol } from './tcp-protocol.ts'
export { tcpTransport } from './tcp-transport.ts'

export default definePlugin({
  name: '@gatewright/plugin-tcp',
  setup(gateway) {
    gateway.hooks.activate.tap('@gatewright/plugin-tcp', useIo)
    gateway.protocols.register(createTcpProtocol(certificateBoardOf(gateway)))
    gateway.transports.register(tcpTransport)
  },
})
