import { definePlugin } from '@gatewright/kernel'
import { balancer } from './balancer.ts'

export type { Options } from './options.ts'

export default definePlugin({
  name: 'gatewright-plugin-my-plugin',
  setup(gateway) {
    gateway.balancers.register(balancer)
  },
})
