/**
 * The entrypoint feature `tcp-filter`: bounds the connections of an entrypoint and says who may connect.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { tcpFilter } from './tcp-filter.ts'

export type { TcpFilterOptions } from './options.ts'
export { tcpFilter } from './tcp-filter.ts'

export default definePlugin({
  name: '@gatewright/plugin-tcp-filter',
  setup(gateway) {
    gateway.entrypointFeatures.register(tcpFilter)
  },
})
