/**
 * The blocks `health_check` and `passive_health` of services: which servers get requests.
 *
 * @module
 */
import { definePlugin, figures } from '@gatewright/kernel'
import { healthCheck } from './active/health-check.ts'
import { probeFigure } from './figures.ts'
import { passiveHealth } from './passive/passive-health.ts'

export { healthCheck } from './active/health-check.ts'
export type { HealthCheckOptions, PassiveHealthOptions } from './options.ts'
export { passiveHealth } from './passive/passive-health.ts'

export default definePlugin({
  name: '@gatewright/plugin-health-check',
  setup(gateway) {
    gateway.serviceFeatures.register(healthCheck)
    gateway.serviceFeatures.register(passiveHealth)
    gateway.registry(figures).register(probeFigure)
  },
})
