/**
 * UDP: the entrypoint protocol `udp` and the upstream scheme `udp`.
 *
 * @module
 */
import { definePlugin, figures } from '@gatewright/kernel'
import { DatagramCounts } from './datagram-counts.ts'
import { createUdpProtocol } from './udp-protocol.ts'
import { udpTransport } from './udp-transport.ts'

export type { UdpEntrypointOptions } from './options.ts'
export { type DatagramTraffic, datagramTraffic } from './udp-session.ts'
export { udpTransport } from './udp-transport.ts'

export default definePlugin({
  name: '@gatewright/plugin-udp',
  setup(gateway) {
    const counts = new DatagramCounts()
    gateway.hooks.activate.tap('@gatewright/plugin-udp', (next) => counts.follow(next))
    for (const figure of counts.figures()) gateway.registry(figures).register(figure)
    gateway.protocols.register(createUdpProtocol(counts))
    gateway.transports.register(udpTransport)
  },
})
