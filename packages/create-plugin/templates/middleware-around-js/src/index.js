import { definePlugin } from '@gatewright/kernel'
import { middleware } from './middleware.js'

export default definePlugin({
  name: 'gatewright-plugin-my-plugin',
  setup(gateway) {
    gateway.middlewares.register(middleware)
  },
})
