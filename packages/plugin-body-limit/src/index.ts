/**
 * `body-limit` middleware: refuses requests that are too large.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { bodyLimit } from './body-limit.ts'

export { bodyLimit } from './body-limit.ts'
export type { BodyLimitOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-body-limit',
  setup(gateway) {
    gateway.middlewares.register(bodyLimit)
  },
})
