import { defineProtocol } from '@gatewright/kernel'
import { LineServer } from './line-server.js'
import { schema } from './options.js'

/**
 * @import { ListenAddress } from '@gatewright/kernel'
 * @import { Options } from './options.js'
 */

/** The protocol `my-plugin` of entrypoints: a path in one line, the answer, and the end. */
export const protocol = defineProtocol({
  type: 'my-plugin',
  // What it makes are requests, so that routers for HTTP serve them.
  kind: 'http',
  network: 'tcp',
  schema,
  /**
   * @param {ListenAddress} address
   * @param {Options} options
   */
  create: (address, options, ingress, scope) => new LineServer(address, options, ingress, scope),
})
