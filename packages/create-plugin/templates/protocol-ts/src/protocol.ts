import { defineProtocol } from '@gatewright/kernel'
import { LineServer } from './line-server.ts'
import { type Options, schema } from './options.ts'

/** The protocol `my-plugin` of entrypoints: a path in one line, the answer, and the end. */
export const protocol = defineProtocol<Options>({
  type: 'my-plugin',
  // What it makes are requests, so that routers for HTTP serve them.
  kind: 'http',
  network: 'tcp',
  schema,
  create: (address, options, ingress, scope) => new LineServer(address, options, ingress, scope),
})
