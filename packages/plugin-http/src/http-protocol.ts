import { defineProtocol, type ProtocolFactory } from '@gatewright/kernel'
import type { CertificateBoard } from '@gatewright/tls'
import { entrypointSchema, type HttpEntrypointOptions } from './entrypoint-options.ts'
import { HttpServer } from './http-server.ts'

/**
 * The protocol `http`: HTTP/1.1, in cleartext or with TLS.
 * @param board Tells of its certificates.
 */
export function createHttpProtocol(
  board?: CertificateBoard,
): ProtocolFactory<HttpEntrypointOptions> {
  return defineProtocol({
    type: 'http',
    kind: 'http',
    network: 'tcp',
    schema: entrypointSchema,
    create(address, options, ingress, scope) {
      return new HttpServer(address, options, ingress, scope, board)
    },
  })
}
