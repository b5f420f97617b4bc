import { definePlugin } from '@gatewright/kernel'
import { provider } from './provider.ts'

export type { Options } from './options.ts'

export default definePlugin({
  name: 'gatewright-plugin-my-plugin',
  setup(gateway) {
    gateway.providers.register(provider)
  },
})
