import { defineProtocol, type ProtocolFactory } from '@gatewright/kernel'
import { entrypointSchema, type TcpEntrypointOptions } from './options.ts'
import { TcpServer } from './tcp-server.ts'

/** The protocol `tcp`: connections that are passed on as they are. */
export const tcpProtocol: ProtocolFactory<TcpEntrypointOptions> = defineProtocol({
  type: 'tcp',
  kind: 'stream',
  network: 'tcp',
  schema: entrypointSchema,
  create(address, options, ingress, scope) {
    return new TcpServer(address, options, ingress, scope)
  },
})
