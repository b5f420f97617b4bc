/**
 * `metrics` block: counts what the gateway does, for Prometheus and whoever reads its format.
 *
 * @module
 */
import { definePlugin, type SectionKey } from '@gatewright/kernel'
import type { Metrics } from './metrics.ts'
import { type MetricsOptions, metricsSchema } from './options.ts'
import { type MakeMetrics, setUpMetrics } from './taps.ts'

export type { Connections } from './connections.ts'
export { contentTypes, type ExpositionFormat, formatFor } from './exposition.ts'
export type { Distribution, Family, Sample, Sampled } from './family.ts'
export type { Metrics } from './metrics.ts'
export { type MetricsOptions, metricsSchema } from './options.ts'
export { type MakeMetrics, metricsOf, setUpMetrics } from './taps.ts'

export default definePlugin({
  name: '@gatewright/plugin-metrics',
  setup(gateway) {
    const make: MakeMetrics = setUpMetrics(gateway, (snapshot) => snapshot.get(key))
    const key: SectionKey<Metrics> = gateway.section<MetricsOptions, Metrics>({
      type: 'metrics',
      labelled: false,
      schema: metricsSchema,
      create: (options, scope) => make(options, scope),
    })
  },
})
