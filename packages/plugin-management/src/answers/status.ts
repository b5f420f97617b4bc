import type { RunningGateway } from '@gatewright/kernel'
import type { ProcessState } from '../process-state.ts'
import type { EntrypointAnswer } from './entrypoints.ts'
import { type HealthAnswer, healthOf } from './health.ts'
import { type RouteAnswer, routesOf } from './routes.ts'
import { type ServiceAnswer, servicesOf } from './services.ts'
import { trafficOf } from './traffic.ts'

/** How the gateway does; `null` where nobody counts. */
export interface StatusHealth extends Omit<HealthAnswer, 'active_connections' | 'entrypoints'> {
  readonly active_connections: number | null
  readonly entrypoints: readonly (Omit<EntrypointAnswer, 'open_connections'> & {
    readonly open_connections: number | null
  })[]
}

/** How the gateway does, from entrypoints to servers. Survives JSON. */
export interface StatusAnswer {
  readonly health: StatusHealth
  /** In the order in which they are asked. */
  readonly routes: readonly RouteAnswer[]
  readonly services: readonly ServiceAnswer[]
  /** `null` if nobody counts. */
  readonly counted_by: 'metrics' | 'management' | null
}

/** How the gateway does; numbers come from whoever counts. */
export async function statusOf(
  running: RunningGateway,
  processes: readonly ProcessState[],
): Promise<StatusAnswer> {
  const traffic = await trafficOf(running, processes)
  const health = healthOf(running, processes)
  const totals = new Map(traffic.routers.map((router) => [router.name, router]))
  return {
    health: {
      ...health,
      total_requests: traffic.total.requests,
      active_connections: traffic.open_connections,
      entrypoints: health.entrypoints.map((entrypoint) => ({
        ...entrypoint,
        open_connections: traffic.open?.[entrypoint.name] ?? null,
      })),
    },
    routes: routesOf(running, processes).map((route) => ({
      ...route,
      requests_total: totals.get(route.name)?.requests ?? null,
      errors_total: totals.get(route.name)?.errors ?? null,
    })),
    services: servicesOf(running, processes),
    counted_by: traffic.counted_by,
  }
}
