import { definePlugin } from '@gatewright/kernel'
import { matcher } from './matcher.js'

export default definePlugin({
  name: 'gatewright-plugin-my-plugin',
  setup(gateway) {
    gateway.matchers.register(matcher)
  },
})
