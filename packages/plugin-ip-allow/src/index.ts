/**
 * `ip-allow` middleware: lets in clients by their IP address.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { ipAllow } from './ip-allow.ts'

export { ipAllow } from './ip-allow.ts'
export type { IpAllowOptions, IpStrategy } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-ip-allow',
  setup(gateway) {
    gateway.middlewares.register(ipAllow)
  },
})
