import { definePlugin } from '@gatewright/kernel'
import { feature } from './feature.js'

export default definePlugin({
  name: 'gatewright-plugin-my-plugin',
  setup(gateway) {
    gateway.serviceFeatures.register(feature)
  },
})
