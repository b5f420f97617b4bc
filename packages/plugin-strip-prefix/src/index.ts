/**
 * `strip-prefix` middleware: removes a prefix from the request path.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { stripPrefix } from './strip-prefix.ts'

export type { StripPrefixOptions } from './options.ts'
export { stripPrefix } from './strip-prefix.ts'

export default definePlugin({
  name: '@gatewright/plugin-strip-prefix',
  setup(gateway) {
    gateway.middlewares.register(stripPrefix)
  },
})
