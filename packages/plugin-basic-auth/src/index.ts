/**
 * `basic-auth` middleware: asks for a name and a password.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { basicAuth } from './basic-auth.ts'

export { basicAuth } from './basic-auth.ts'
export type { BasicAuthOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-basic-auth',
  setup(gateway) {
    gateway.middlewares.register(basicAuth)
  },
})
