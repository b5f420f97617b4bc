/**
 * `redirect` middleware: sends clients to another scheme, host or path.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { redirect } from './redirect.ts'

export type { RedirectOptions } from './options.ts'
export { redirect } from './redirect.ts'

export default definePlugin({
  name: '@gatewright/plugin-redirect',
  setup(gateway) {
    gateway.middlewares.register(redirect)
  },
})
