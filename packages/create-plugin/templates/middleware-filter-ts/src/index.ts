import { definePlugin } from '@gatewright/kernel'
import { middleware } from './middleware.ts'

export type { Options } from './options.ts'

export default definePlugin({
  name: 'gatewright-plugin-my-plugin',
  setup(gateway) {
    gateway.middlewares.register(middleware)
  },
})
