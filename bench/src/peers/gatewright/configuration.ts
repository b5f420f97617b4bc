import { loopback } from '../../process/port.ts'
import { hostsOf, type ProxyTask } from '../peer.ts'

/** What a set-up of Gatewright has besides what the task asks for. */
export interface Extras {
  /** File of a plugin to load. */
  readonly plugin?: string
  /** Names of the middlewares of each router and the blocks that define them. */
  readonly middlewares?: Readonly<Record<string, string>>
  /** More keys of the entrypoint, as HCL. */
  readonly entrypoint?: string
  /** More keys of the service's `load_balancer`, as HCL. */
  readonly loadBalancer?: string
  /** More blocks, as HCL. */
  readonly blocks?: string
  /** In place of `http://`. */
  readonly upstreamScheme?: string
}

/** The configuration file for a task. */
export function renderGatewright(task: ProxyTask, extras: Extras = {}): string {
  const { middlewares = {}, upstreamScheme = 'http' } = extras
  const names = Object.keys(middlewares)
  const rules =
    task.routers === 1 ? ['PathPrefix(`/`)'] : hostsOf(task).map((host) => `Host(\`${host}\`)`)
  const routers = rules.map((rule, index) =>
    block(`routers "app-${index}"`, [
      `rule = "${rule}"`,
      'service = "app"',
      ...(names.length === 0 ? [] : [`middlewares = ${JSON.stringify(names)}`]),
    ]),
  )
  const server = `${upstreamScheme}://${loopback}:${task.upstreamPort}`
  return [
    ...(extras.plugin === undefined
      ? []
      : [block('plugins "bench"', [`source = ${JSON.stringify(extras.plugin)}`])]),
    block('entrypoints "web"', [`address = "${loopback}:${task.port}"`, extras.entrypoint ?? '']),
    ...routers,
    ...Object.entries(middlewares).map(([name, keys]) => block(`middlewares "${name}"`, [keys])),
    block('services "app"', [
      block('load_balancer', [`servers = [{ url = "${server}" }]`, extras.loadBalancer ?? '']),
    ]),
    extras.blocks ?? '',
  ].join('\n')
}

function block(head: string, lines: readonly string[]): string {
  return `${head} {\n${lines.filter((line) => line !== '').join('\n')}\n}\n`
}
