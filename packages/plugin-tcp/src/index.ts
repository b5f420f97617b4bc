/**
 * TCP: the entrypoint protocol `tcp` and the upstream schemes `tcp` and, over TLS, `tls`.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { useIo } from './io-choice.ts'
import { tcpProtocol } from './tcp-protocol.ts'
import { tcpTransport } from './tcp-transport.ts'

export type {
  ProxyProtocolOptions,
  TcpEntrypointOptions,
  TcpTransportOptions,
} from './options.ts'
export { tcpProtocol } from './tcp-protocol.ts'
export { tcpTransport } from './tcp-transport.ts'

export default definePlugin({
  name: '@gatewright/plugin-tcp',
  setup(gateway) {
    gateway.hooks.activate.tap('@gatewright/plugin-tcp', useIo)
    gateway.protocols.register(tcpProtocol)
    gateway.transports.register(tcpTransport)
  },
})
