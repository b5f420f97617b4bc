/**
 * The `scaling` block of services: how many requests a server works on at once, and who waits.
 *
 * @module
 */
import { definePlugin, figures } from '@gatewright/kernel'
import { scalingFigures } from './figures.ts'
import { scaling } from './scaling.ts'

export type { ScalingOptions } from './options.ts'
export { scaling } from './scaling.ts'

export default definePlugin({
  name: '@gatewright/plugin-scaling',
  setup(gateway) {
    gateway.serviceFeatures.register(scaling)
    for (const figure of scalingFigures) gateway.registry(figures).register(figure)
  },
})
