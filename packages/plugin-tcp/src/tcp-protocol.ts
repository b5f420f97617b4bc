import { defineProtocol, type ProtocolFactory } from '@gatewright/kernel'
import type { CertificateBoard } from '@gatewright/tls'
import { entrypointSchema, type TcpEntrypointOptions } from './options.ts'
import { TcpServer } from './tcp-server.ts'

/**
 * The protocol `tcp`: connections that are passed on as they are.
 * @param board Tells of its certificates.
 */
export function createTcpProtocol(board?: CertificateBoard): ProtocolFactory<TcpEntrypointOptions> {
  return defineProtocol({
    type: 'tcp',
    kind: 'stream',
    network: 'tcp',
    schema: entrypointSchema,
    create(address, options, ingress, scope) {
      return new TcpServer(address, options, ingress, scope, board)
    },
  })
}
