import { definePlugin } from '@gatewright/kernel'
import { provider } from './provider.js'

export default definePlugin({
  name: 'gatewright-plugin-my-plugin',
  setup(gateway) {
    gateway.providers.register(provider)
  },
})
