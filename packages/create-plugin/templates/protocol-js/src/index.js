import { definePlugin } from '@gatewright/kernel'
import { protocol } from './protocol.js'

export default definePlugin({
  name: 'gatewright-plugin-my-plugin',
  setup(gateway) {
    gateway.protocols.register(protocol)
  },
})
