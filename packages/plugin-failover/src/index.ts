/**
 * The `failover` block of services: another service takes over while one is down.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { failover } from './failover.ts'

export { failover, takenOverBy } from './failover.ts'
export type { FailoverOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-failover',
  setup(gateway) {
    gateway.serviceFeatures.register(failover)
  },
})
