import {
  ActiveValues,
  figures,
  type GatewayHooks,
  type PluginGateway,
  type Scope,
  type Snapshot,
} from '@gatewright/kernel'
import { Metrics } from './metrics.ts'
import type { MetricsOptions } from './options.ts'
import { readVersion } from './version.ts'

const name = '@gatewright/plugin-metrics'

/** Makes what a `metrics` block asks for. */
export type MakeMetrics = (options: MetricsOptions, scope: Scope) => Metrics

const active = new ActiveValues<Metrics>()

/**
 * Has the metrics of a configuration count what happens in it. To be called in `setup`.
 * @param find The metrics of a configuration, if it has some.
 * @returns What makes them.
 */
export function setUpMetrics(
  gateway: PluginGateway,
  find: (snapshot: Snapshot) => Metrics | undefined,
): MakeMetrics {
  const { hooks } = gateway
  active.follow(hooks, name, find)
  hooks.activate.tap(name, (next) => find(next)?.follow(next))
  hooks.connection.tap(name, (connection) => {
    find(connection.snapshot)?.connections.accepted(connection)
    return undefined
  })
  hooks.refusal.tap(name, (connection, refusal) =>
    find(connection.snapshot)?.connections.refused(connection, refusal),
  )
  hooks.upstreamEnd.tap(name, ({ snapshot }, attempt) => find(snapshot)?.attemptEnded(attempt))
  hooks.finish.tap(name, (exchange) => find(exchange.snapshot)?.ended(exchange))
  const host = { figures: gateway.registry(figures), version: readVersion() }
  return (options, scope) => {
    // Whichever plugin has the block, such as plugin-observability.
    const key = `${name}:${JSON.stringify(options)}`
    const metrics = scope.keep(key, () => new Metrics(options, host, scope))
    scope.observeSteps(metrics.steps)
    return metrics
  }
}

/** The metrics of what a gateway runs; `undefined` if its configuration asks for none. */
export function metricsOf(gateway: { readonly hooks: GatewayHooks }): Metrics | undefined {
  return active.of(gateway)
}
