/**
 * `cors` middleware: says which pages of other origins may use a service.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { cors } from './cors.ts'
import { wrongOrders } from './order.ts'

export { cors } from './cors.ts'
export type { CorsOptions } from './options.ts'

const PLUGIN = '@gatewright/plugin-cors'

export default definePlugin({
  name: PLUGIN,
  setup(gateway) {
    gateway.middlewares.register(cors)
    gateway.hooks.activate.tap(PLUGIN, ({ config }) => {
      for (const order of wrongOrders(config)) {
        gateway.log.warn(order, 'preflights are refused before they reach the middleware "cors"')
      }
    })
  },
})
