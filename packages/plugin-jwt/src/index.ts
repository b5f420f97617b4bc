/**
 * `jwt` middleware: lets requests pass that carry a valid JSON Web Token (RFC 7519).
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { jwt } from './jwt.ts'

export { jwt } from './jwt.ts'
export type { Algorithm } from './keys/algorithms.ts'
export type { JwtOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-jwt',
  setup(gateway) {
    gateway.middlewares.register(jwt)
  },
})
