/**
 * `streaming` block of a service: bounds for responses that stream, such as server-sent events.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { streaming } from './streaming.ts'

export type { StreamingOptions } from './options.ts'
export { streaming } from './streaming.ts'

export default definePlugin({
  name: '@gatewright/plugin-sse',
  setup(gateway) {
    gateway.serviceFeatures.register(streaming)
  },
})
