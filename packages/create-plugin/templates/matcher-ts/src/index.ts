import { definePlugin } from '@gatewright/kernel'
import { matcher } from './matcher.ts'

export default definePlugin({
  name: 'gatewright-plugin-my-plugin',
  setup(gateway) {
    gateway.matchers.register(matcher)
  },
})
