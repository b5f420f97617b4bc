import { defineProtocol, type ProtocolFactory } from '@gatewright/kernel'
import type { DatagramCounts } from './datagram-counts.ts'
import { entrypointSchema, type UdpEntrypointOptions } from './options.ts'
import { UdpServer } from './udp-server.ts'

/**
 * The protocol `udp`: datagrams that are passed on as they are, and the answers to them.
 * @param counts Those of the gateway.
 */
export function createUdpProtocol(counts: DatagramCounts): ProtocolFactory<UdpEntrypointOptions> {
  return defineProtocol({
    type: 'udp',
    kind: 'stream',
    network: 'udp',
    schema: entrypointSchema,
    create(address, options, ingress, scope) {
      return new UdpServer(address, options, ingress, scope, counts)
    },
  })
}
