import { defineProtocol, type ProtocolFactory } from '@gatewright/kernel'
import { entrypointSchema, type UdpEntrypointOptions } from './options.ts'
import { UdpServer } from './udp-server.ts'

/** The protocol `udp`: datagrams that are passed on as they are, and the answers to them. */
export const udpProtocol: ProtocolFactory<UdpEntrypointOptions> = defineProtocol({
  type: 'udp',
  kind: 'stream',
  network: 'udp',
  schema: entrypointSchema,
  create(address, options, ingress, scope) {
    return new UdpServer(address, options, ingress, scope)
  },
})
