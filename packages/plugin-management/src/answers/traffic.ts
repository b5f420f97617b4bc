/**
 * What goes through the gateway, as totals that only grow: who asks twice knows the rates.
 *
 * @module
 */
import type { RunningGateway } from '@gatewright/kernel'
import { type Distribution, type Family, type Metrics, metricsOf } from '@gatewright/plugin-metrics'
import type { ProcessState } from '../process-state.ts'
import { healthOf } from './health.ts'
import { routesOf } from './routes.ts'
import { type ServerAnswer, type ServiceAnswer, servicesOf } from './services.ts'

/** Totals of requests; `null` where nobody counts. */
export interface Totals {
  readonly requests: number | null
  /** Answered with 400 or above. */
  readonly errors: number | null
  /** In seconds. */
  readonly durations: Distribution | null
}

/** What goes through one router. */
export interface RouterTraffic extends Totals {
  readonly name: string
  readonly service: string
}

/** What goes to one service. */
export interface ServiceTraffic extends Totals {
  readonly name: string
  readonly active: number
  readonly servers: number
  readonly healthy: number
}

/** What goes to one server. */
export interface ServerTraffic {
  readonly service: string
  readonly url: string
  readonly state: ServerAnswer['state']
  readonly weight: number
  readonly active: number
  /** Attempts. */
  readonly requests: number | null
}

/** What goes through the gateway. Survives JSON. */
export interface TrafficAnswer {
  readonly state: string
  readonly uptime_secs: number
  readonly config: { readonly version: number; readonly hash: string; readonly file: string | null }
  readonly workers: number
  readonly active_requests: number
  /** `null` where nobody counts. */
  readonly open_connections: number | null
  /** Who counts: the `metrics` block, the `management` block, which knows less, or nobody. */
  readonly counted_by: 'metrics' | 'management' | null
  /** Open connections by entrypoint; `null` where nobody counts. */
  readonly open: Readonly<Record<string, number>> | null
  readonly total: Totals
  readonly routers: readonly RouterTraffic[]
  readonly services: readonly ServiceTraffic[]
  readonly servers: readonly ServerTraffic[]
}

/** What goes through all processes together. */
export async function trafficOf(
  running: RunningGateway,
  processes: readonly ProcessState[],
): Promise<TrafficAnswer> {
  const { state, uptime_secs: uptime, workers, ...health } = healthOf(running, processes)
  const { version, hash, file } = health.config
  const metrics = metricsOf(running)
  const counted = processes.some(({ requests }) => requests !== undefined)
  const entrypoints = Object.keys(running.snapshot.config.entrypoints)
  const source =
    metrics === undefined ? counter(running, processes) : await meter(metrics, entrypoints)
  const { pipelines } = running.snapshot
  // Metrics count connections in another way; the block counts them like requests.
  const isCounted = (router: string): boolean =>
    metrics === undefined || pipelines.get(router)?.kind !== 'stream'
  const routes = routesOf(running, processes)
  // Others have connections, which are no requests.
  const withRequests = new Set(
    routes.filter(({ name }) => isCounted(name)).map(({ service }) => service),
  )
  const services = servicesOf(running, processes)
  return {
    state,
    uptime_secs: uptime,
    config: { version, hash, file },
    workers,
    active_requests: health.active_requests,
    open_connections: source.connections,
    counted_by: metrics === undefined ? (counted ? 'management' : null) : 'metrics',
    open: source.open,
    total: source.total,
    routers: routes.map(({ name, service }) => ({
      name,
      service,
      ...(isCounted(name) ? source.router(name) : nothing),
    })),
    services: services.map(({ name, backends, backends_healthy: healthy }) => ({
      name,
      active: backends.reduce((sum, { active_connections: active }) => sum + active, 0),
      servers: backends.length,
      healthy,
      ...(withRequests.has(name) ? source.service(name) : nothing),
    })),
    servers: services.flatMap((service) => serversOf(service, source)),
  }
}

function serversOf({ name, backends }: ServiceAnswer, source: Source): ServerTraffic[] {
  return backends.map(({ url, weight, state, active_connections: active }) => {
    const requests = source.server(name, url)
    return { service: name, url, state, weight, active, requests }
  })
}

/** Where totals come from. */
interface Source {
  readonly connections: number | null
  readonly open: TrafficAnswer['open']
  readonly total: Totals
  router(name: string): Totals
  service(name: string): Totals
  server(service: string, url: string): number | null
}

const nothing: Totals = { requests: null, errors: null, durations: null }

function counter(running: RunningGateway, processes: readonly ProcessState[]): Source {
  const routes = routesOf(running, processes)
  const health = healthOf(running, processes)
  const { total_requests: requests, active_connections: connections, entrypoints } = health
  // The same knows of both.
  const counts = requests !== null
  return {
    connections: counts ? connections : null,
    open: counts
      ? Object.fromEntries(entrypoints.map(({ name, open_connections: open }) => [name, open]))
      : null,
    total: { ...nothing, requests },
    router(name) {
      const found = routes.find((route) => route.name === name)
      if (found === undefined) return nothing
      return { ...nothing, requests: found.requests_total, errors: found.errors_total }
    },
    service: () => nothing,
    server: () => null,
  }
}

async function meter(metrics: Metrics, entrypoints: readonly string[]): Promise<Source> {
  const families = await metrics.byName()
  const durations = families.get('request_duration_seconds')
  const sum = (name: string, ...labels: readonly string[]): number =>
    numbers(families.get(name), labels).reduce((total, value) => total + value, 0)
  const totalsOf = (kind: string, name: string, spread: Distribution | null): Totals => ({
    requests: sum(`${kind}_requests_total`, name),
    errors: sum(`${kind}_errors_total`, name),
    durations: spread,
  })
  return {
    connections: sum('active_connections'),
    open: Object.fromEntries(
      entrypoints.map((name) => [name, sum('entrypoint_open_connections', name)]),
    ),
    total: {
      requests: sum('requests_total'),
      errors: sum('responses_total', '4xx') + sum('responses_total', '5xx'),
      durations: together(durations, []),
    },
    router: (name) => totalsOf('router', name, together(durations, [name])),
    service: (name) =>
      totalsOf('service', name, together(families.get('service_request_duration_seconds'), [name])),
    server: (service, url) =>
      sum('backend_requests_total', service, metrics.backendName(new URL(url))),
  }
}

/** The values whose labels begin like that. */
function samplesOf(family: Family | undefined, labels: readonly string[]): Family['samples'] {
  return (family?.samples ?? []).filter((sample) =>
    labels.every((label, index) => sample.labels[index] === label),
  )
}

function numbers(family: Family | undefined, labels: readonly string[]): number[] {
  return samplesOf(family, labels).flatMap(({ value }) => (typeof value === 'number' ? value : []))
}

/** All distributions whose labels begin like that, as one. */
function together(family: Family | undefined, labels: readonly string[]): Distribution | null {
  const spreads = samplesOf(family, labels).flatMap(({ value }) =>
    typeof value === 'object' && 'bounds' in value ? value : [],
  )
  const [first] = spreads
  if (first === undefined) return null
  return {
    bounds: first.bounds,
    counts: first.counts.map((_count, index) =>
      spreads.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0),
    ),
    sum: spreads.reduce((total, { sum }) => total + sum, 0),
  }
}
