/**
 * `mirror` block of a service: sends copies of requests to a shadow service.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { mirror } from './mirror.ts'

export { mirror, mirroredTo } from './mirror.ts'
export { type MirrorCounts, type MirrorOutcome, mirrorCountsOf } from './mirror-counts.ts'
export type { MirrorOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-mirror',
  setup(gateway) {
    gateway.serviceFeatures.register(mirror)
  },
})
