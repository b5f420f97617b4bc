/**
 * `forward-auth` middleware: asks another server whether a request may pass.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { forwardAuth } from './forward-auth.ts'

export { forwardAuth } from './forward-auth.ts'
export type { ForwardAuthOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-forward-auth',
  setup(gateway) {
    gateway.middlewares.register(forwardAuth)
  },
})
