import {
  ActiveValues,
  figures,
  type GatewayHooks,
  type PluginGateway,
  type Scope,
  type Snapshot,
} from '@gatewright/kernel'
import { AccessLog } from './access-log.ts'
import type { AccessLogOptions } from './options.ts'

const name = '@gatewright/plugin-access-log'

/** Makes what an `access_log` block asks for. */
export type MakeAccessLog = (options: AccessLogOptions, scope: Scope) => AccessLog

const active = new ActiveValues<AccessLog>()

/**
 * Has the log of a configuration tell of what happens in it. To be called in `setup`.
 * @param find The log of a configuration, if it has one.
 * @returns What makes it.
 */
export function setUpAccessLog(
  gateway: PluginGateway,
  find: (snapshot: Snapshot) => AccessLog | undefined,
): MakeAccessLog {
  const { hooks } = gateway
  active.follow(hooks, name, find)
  hooks.finish.tap(name, (exchange) => {
    const log = find(exchange.snapshot)
    if (log === undefined) return
    // Once a reload has let it go on, nothing keeps the log open that it began with.
    if (exchange.heldBy === exchange.snapshot) log.ended(exchange)
    else accessLogOf(gateway)?.ended(exchange)
  })
  registerFigure(gateway)
  return (options, scope) => {
    const { output } = options
    const place = output === 'stdout' || output === 'stderr' ? output : scope.resolvePath(output)
    // Whichever plugin has the block, such as plugin-observability.
    const key = `${name}:${place}:${JSON.stringify(options)}`
    const log = scope.keep(key, () => new AccessLog(options, scope))
    scope.onActivate(() => log.open())
    return log
  }
}

/** The access log of what a gateway runs; `undefined` if its configuration asks for none. */
export function accessLogOf(gateway: { readonly hooks: GatewayHooks }): AccessLog | undefined {
  return active.of(gateway)
}

/** Once, though several plugins may have logs in their blocks. */
function registerFigure(gateway: PluginGateway): void {
  const registry = gateway.registry(figures)
  const type = 'access_log_dropped_total'
  if (registry.find(type) !== undefined) return
  registry.register({
    type,
    kind: 'counter',
    help: 'Lines of the access log that could not be written in time',
    labels: [],
    read: () => {
      const log = accessLogOf(gateway)
      return log === undefined ? [] : [{ labels: [], value: log.dropped }]
    },
  })
}
