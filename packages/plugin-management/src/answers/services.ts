import type { RunningGateway } from '@gatewright/kernel'
import type { EndpointState, ProcessState } from '../process-state.ts'

/** A server of a service. */
export interface ServerAnswer {
  readonly url: string
  /** As it is configured. */
  readonly weight: number
  readonly healthy: boolean
  /**
   * Of all processes; `partly down` if they do not agree, `draining` with a weight of 0 or by order.
   */
  readonly state: 'up' | 'down' | 'partly down' | 'draining'
  /** Lower than {@link ServerAnswer.weight} while it comes up. */
  readonly current_weight: number
  readonly active_connections: number
  /** What somebody has ordered; it is lost when its process ends. */
  readonly override: { readonly drained: boolean; readonly share: number } | null
}

/** A service and its servers. */
export interface ServiceAnswer {
  readonly name: string
  readonly strategy: string
  readonly backends_total: number
  readonly backends_healthy: number
  readonly backends: readonly ServerAnswer[]
}

/** A server with the service it is one of. */
export interface BackendAnswer extends ServerAnswer {
  readonly service: string
}

/** The services by name. */
export function servicesOf(
  running: RunningGateway,
  processes: readonly ProcessState[],
): ServiceAnswer[] {
  const { services } = running.understood.blueprint
  return services
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, balancer }) => {
      const backends = serversOf(name, processes)
      return {
        name,
        strategy: balancer.factory.type,
        backends_total: backends.length,
        backends_healthy: backends.filter(({ healthy }) => healthy).length,
        backends,
      }
    })
}

/** All servers of all services. */
export function backendsOf(
  running: RunningGateway,
  processes: readonly ProcessState[],
): BackendAnswer[] {
  return servicesOf(running, processes).flatMap(({ name: service, backends }) =>
    backends.map((backend) => ({ service, ...backend })),
  )
}

/** In the order of the first process that has them. */
function serversOf(service: string, processes: readonly ProcessState[]): ServerAnswer[] {
  const byUrl = Map.groupBy(
    processes.flatMap(({ services }) => services[service] ?? []),
    ({ url }) => url,
  )
  return [...byUrl].map(([url, states]) => merged(url, states))
}

function merged(url: string, states: readonly EndpointState[]): ServerAnswer {
  const configured = Math.max(...states.map(({ configuredWeight }) => configuredWeight))
  const down = states.filter(({ healthy }) => !healthy).length
  const partly = down > 0 && down < states.length
  const drained = states.some(({ override }) => override.drained === true)
  const share = Math.min(...states.map(({ override }) => override.share ?? 1))
  const up = configured === 0 || drained ? 'draining' : 'up'
  return {
    url,
    weight: configured,
    healthy: down === 0,
    state: partly ? 'partly down' : down > 0 ? 'down' : up,
    current_weight: Math.min(...states.map(({ weight }) => weight)),
    active_connections: states.reduce((sum, { active }) => sum + active, 0),
    override: drained || share < 1 ? { drained, share } : null,
  }
}
