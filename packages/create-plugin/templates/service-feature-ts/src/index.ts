import { definePlugin } from '@gatewright/kernel'
import { feature } from './feature.ts'

export type { Options } from './options.ts'

export default definePlugin({
  name: 'gatewright-plugin-my-plugin',
  setup(gateway) {
    gateway.serviceFeatures.register(feature)
  },
})
