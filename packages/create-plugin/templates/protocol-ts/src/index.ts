import { definePlugin } from '@gatewright/kernel'
import { protocol } from './protocol.ts'

export type { Options } from './options.ts'

export default definePlugin({
  name: 'gatewright-plugin-my-plugin',
  setup(gateway) {
    gateway.protocols.register(protocol)
  },
})
