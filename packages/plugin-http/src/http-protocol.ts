import { defineProtocol, type ProtocolFactory } from '@gatewright/kernel'
import { entrypointSchema, type HttpEntrypointOptions } from './entrypoint-options.ts'
import { HttpServer } from './http-server.ts'

/** The protocol `http`: HTTP/1.1, in cleartext or with TLS. */
export const httpProtocol: ProtocolFactory<HttpEntrypointOptions> = defineProtocol({
  type: 'http',
  kind: 'http',
  network: 'tcp',
  schema: entrypointSchema,
  create(address, options, ingress, scope) {
    return new HttpServer(address, options, ingress, scope)
  },
})
