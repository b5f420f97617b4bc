/**
 * UDP: the entrypoint protocol `udp` and the upstream scheme `udp`.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { udpProtocol } from './udp-protocol.ts'
import { udpTransport } from './udp-transport.ts'

export type { UdpEntrypointOptions } from './options.ts'
export { udpProtocol } from './udp-protocol.ts'
export { type DatagramTraffic, datagramTraffic } from './udp-session.ts'
export { udpTransport } from './udp-transport.ts'

export default definePlugin({
  name: '@gatewright/plugin-udp',
  setup(gateway) {
    gateway.protocols.register(udpProtocol)
    gateway.transports.register(udpTransport)
  },
})
