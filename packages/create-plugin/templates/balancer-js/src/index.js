import { definePlugin } from '@gatewright/kernel'
import { balancer } from './balancer.js'

export default definePlugin({
  name: 'gatewright-plugin-my-plugin',
  setup(gateway) {
    gateway.balancers.register(balancer)
  },
})
