import { defineServiceFeature, type ServiceFeatureFactory } from '@gatewright/kernel'
import { featuresSchema } from '../options.ts'
import { WarmUp } from './warm-up.ts'

/** `slow_start = "30s"`, with every strategy: servers that come up get their share little by little. */
export const slowStart: ServiceFeatureFactory<number> = defineServiceFeature<number>({
  type: 'slow_start',
  parent: 'load_balancer',
  schema: featuresSchema.properties.slow_start,
  stage: 0,
  create(durationMs, { pool }, scope) {
    if (durationMs === 0) return {}
    // The duration is no part of the key: whoever changes it does not begin anew.
    const warmUp = scope.keep(`slow-start:${scope.name}`, () => new WarmUp())
    scope.onActivate(() => warmUp.follow(pool, durationMs))
    scope.onDeactivate(() => warmUp.leave(pool))
    return {}
  },
})
