/**
 * What goes through the gateway in a second, from what went through it before and after.
 *
 * @module
 */
import type {
  ServerTraffic,
  ServiceTraffic,
  Totals,
  TrafficAnswer,
} from '@gatewright/plugin-management'

/** A look at the totals, and when that was. */
export interface Look {
  /** `performance.now()` */
  readonly at: number
  readonly traffic: TrafficAnswer
}

/** What happened in a second; `null` where nobody counts, or where there was nothing. */
export interface Load {
  readonly requests: number | null
  readonly errors: number | null
  /** In milliseconds. */
  readonly p50: number | null
  readonly p99: number | null
}

/** The load of a router. */
export interface RouterLoad extends Load {
  readonly name: string
  readonly service: string
}

/** The load of a service, and how it does. */
export interface ServiceLoad extends Load, Pick<ServiceTraffic, 'active' | 'servers' | 'healthy'> {
  readonly name: string
}

/** The load of a server: attempts in a second. */
export interface ServerLoad extends ServerTraffic {
  readonly requests: number | null
}

/** The load of everything, the busiest first. */
export interface Loads {
  readonly total: Load
  readonly routers: readonly RouterLoad[]
  readonly services: readonly ServiceLoad[]
  readonly servers: readonly ServerLoad[]
}

/** What happened between two looks. */
export function loadsBetween(before: Look | undefined, after: Look): Loads {
  const secs = before === undefined ? 0 : (after.at - before.at) / 1000
  const earlier = before?.traffic
  const { total, routers, services, servers } = after.traffic
  return {
    total: loadOf(earlier?.total, total, secs),
    routers: busiestFirst(
      routers.map(({ name, service, ...totals }) => ({
        name,
        service,
        ...loadOf(named(earlier?.routers, name), totals, secs),
      })),
    ),
    services: busiestFirst(
      services.map(({ name, active, servers: count, healthy, ...totals }) => ({
        name,
        active,
        servers: count,
        healthy,
        ...loadOf(named(earlier?.services, name), totals, secs),
      })),
    ),
    servers: busiestFirst(
      servers.map((server) => {
        const known = earlier?.servers.find(
          ({ service, url }) => service === server.service && url === server.url,
        )
        return { ...server, requests: perSecond(known?.requests, server.requests, secs) }
      }),
    ),
  }
}

function named<T extends { readonly name: string }>(
  all: readonly T[] | undefined,
  name: string,
): T | undefined {
  return all?.find((one) => one.name === name)
}

function busiestFirst<T extends { readonly requests: number | null }>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => (b.requests ?? 0) - (a.requests ?? 0))
}

function loadOf(before: Totals | undefined, after: Totals, secs: number): Load {
  const { requests, errors, durations } = after
  const spread =
    durations === null || secs === 0
      ? undefined
      : spreadBetween(before?.durations ?? undefined, durations)
  return {
    requests: perSecond(before?.requests, requests, secs),
    errors: perSecond(before?.errors, errors, secs),
    p50: spread === undefined ? null : quantile(spread, 0.5),
    p99: spread === undefined ? null : quantile(spread, 0.99),
  }
}

/** What was not there before began at 0. */
function perSecond(
  before: number | null | undefined,
  after: number | null,
  secs: number,
): number | null {
  if (after === null || secs === 0) return null
  const more = after - (before ?? 0)
  // A worker has ended, and with it what it counted.
  return more < 0 ? null : more / secs
}

type Spread = NonNullable<Totals['durations']>

function spreadBetween(before: Spread | undefined, after: Spread): Spread | undefined {
  if (before === undefined) return after
  const counts = after.counts.map((count, index) => count - (before.counts[index] ?? 0))
  const isOther = before.bounds.length !== after.bounds.length
  if (isOther || counts.some((count) => count < 0)) return undefined
  return { bounds: after.bounds, counts, sum: after.sum - before.sum }
}

/**
 * The milliseconds below which that part of the observations is: evenly spread within each bucket,
 * as nobody knows better. What is beyond the last bound counts as that.
 */
function quantile({ bounds, counts }: Spread, part: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const wanted = total * part
  let seen = 0
  for (const [index, count] of counts.entries()) {
    if (count > 0 && seen + count >= wanted) {
      const lower = bounds[index - 1] ?? 0
      const upper = bounds[index] ?? lower
      return (lower + (upper - lower) * ((wanted - seen) / count)) * 1000
    }
    seen += count
  }
  return null
}
