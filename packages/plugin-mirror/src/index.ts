/**
 * `mirror` block of a service: sends copies of requests to a shadow service.
 *
 * @module
 */
import { definePlugin, figures } from '@gatewright/kernel'
import { mirrorFigures } from './figures.ts'
import { mirror } from './mirror.ts'

export { mirror, mirroredTo } from './mirror.ts'
export { type MirrorCounts, type MirrorOutcome, mirrorCountsOf } from './mirror-counts.ts'
export type { MirrorOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-mirror',
  setup(gateway) {
    gateway.serviceFeatures.register(mirror)
    for (const figure of mirrorFigures) gateway.registry(figures).register(figure)
  },
})
