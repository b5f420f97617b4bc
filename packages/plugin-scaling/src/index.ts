/**
 * The `scaling` block of services: how many requests a server works on at once, and who waits.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { scaling } from './scaling.ts'

export type { ScalingOptions } from './options.ts'
export { scaling } from './scaling.ts'

export default definePlugin({
  name: '@gatewright/plugin-scaling',
  setup(gateway) {
    gateway.serviceFeatures.register(scaling)
  },
})
