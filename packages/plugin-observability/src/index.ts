/**
 * `observability` block: metrics, access log and tracing in one.
 *
 * @module
 */
import { definePlugin, type SectionKey } from '@gatewright/kernel'
import { type AccessLog, setUpAccessLog } from '@gatewright/plugin-access-log'
import { type Metrics, setUpMetrics } from '@gatewright/plugin-metrics'
import { setUpTracing, type Tracing } from '@gatewright/plugin-tracing'
import { type ObservabilityOptions, observabilitySchema } from './options.ts'

export { type LogOptions, type ObservabilityOptions, observabilitySchema } from './options.ts'

/** What a configuration has; without what its block switches off. */
interface Observability {
  readonly metrics: Metrics | undefined
  readonly accessLog: AccessLog | undefined
  readonly tracing: Tracing | undefined
  readonly logLevel: string | undefined
}

const name = '@gatewright/plugin-observability'

export default definePlugin({
  name,
  setup(gateway) {
    const makeMetrics = setUpMetrics(gateway, (snapshot) => snapshot.get(key)?.metrics)
    const makeAccessLog = setUpAccessLog(gateway, (snapshot) => snapshot.get(key)?.accessLog)
    const makeTracing = setUpTracing(gateway, (snapshot) => snapshot.get(key)?.tracing)
    gateway.hooks.activate.tap(name, (next) => {
      gateway.running.useLogLevel(next.get(key)?.logLevel)
    })
    const key: SectionKey<Observability> = gateway.section<ObservabilityOptions, Observability>({
      type: 'observability',
      labelled: false,
      schema: observabilitySchema,
      replaces: ['metrics', 'access_log', 'tracing'],
      create: (options, scope) => ({
        metrics: options.metrics_enabled ? makeMetrics(options.metrics, scope) : undefined,
        accessLog: options.access_log_enabled
          ? makeAccessLog(options.access_log, scope)
          : undefined,
        tracing: options.tracing_enabled ? makeTracing(options.tracing, scope) : undefined,
        logLevel: options.log.level,
      }),
    })
  },
})
