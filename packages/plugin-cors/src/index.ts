/**
 * `cors` middleware: says which pages of other origins may use a service.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { cors } from './cors.ts'

export { cors } from './cors.ts'
export type { CorsOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-cors',
  setup(gateway) {
    gateway.middlewares.register(cors)
  },
})
