import type { Endpoint, PeerTotals, RunningGateway, Survey } from '@gatewright/kernel'
import { countsOf, type RouterCounts } from './counts.ts'
import { loopLag } from './loop-lag.ts'
import { type Override, overrideOf } from './overrides.ts'
import { reasonsAgainst } from './readiness.ts'
import { urlOf } from './server-url.ts'

/** How a server does in one process. */
export interface EndpointState {
  /** Without user and query. */
  readonly url: string
  /** At present; lower than the configured one while it comes up. */
  readonly weight: number
  readonly configuredWeight: number
  readonly healthy: boolean
  readonly active: number
  /** What somebody has ordered. */
  readonly override: Override
}

/** What one process says of itself. Survives JSON. */
export interface ProcessState {
  readonly pid: number
  readonly state: RunningGateway['state']
  /** Why it should get no clients. */
  readonly notReady: readonly string[]
  /** Milliseconds since the epoch, as all moments here. */
  readonly startedAt: number
  readonly loadedAt: number
  readonly version: number
  readonly hash: string
  readonly refused?: { readonly at: number; readonly code: string; readonly message: string }
  readonly exchanges: number
  readonly liveSnapshots: number
  /** Since the configuration has a `management` block; not there if it never had one. */
  readonly requests?: number
  readonly routers: Readonly<Record<string, RouterCounts>>
  /** Open connections by entrypoint. */
  readonly open: Readonly<Record<string, number>>
  readonly services: Readonly<Record<string, readonly EndpointState[]>>
  /** How late timers were of late, in milliseconds; not there if nobody looks. */
  readonly loopLagMs?: number
  readonly heapUsedBytes: number
}

const topic = '@gatewright/plugin-management'
const allRequests = 'requests'
const routerPrefix = 'router:'

/** Has this process answer when another one asks. */
export function answerPeers(running: RunningGateway): Disposable {
  return running.peers.answer(
    topic,
    () => ownState(running),
    () => totalsOf(running),
  )
}

/**
 * What all processes say, this one included, in no order. Whoever is stuck is left out; if nobody
 * answers at all, this process does.
 */
export async function processesOf(running: RunningGateway): Promise<readonly ProcessState[]> {
  const all = statesOf(await running.peers.survey(topic))
  return all.length > 0 ? all : [ownState(running)]
}

/** What all processes say; the first one counts also what those did that have ended. */
export function statesOf({ answers, others }: Survey): readonly ProcessState[] {
  // Nobody else has such a topic, and all of them have the same version of this package.
  const [first, ...rest] = answers as readonly ProcessState[]
  if (first?.requests === undefined) return answers as readonly ProcessState[]
  const routers = Object.entries(others).flatMap(([key, [requests = 0, errors = 0]]) => {
    if (!key.startsWith(routerPrefix)) return []
    const name = key.slice(routerPrefix.length)
    const own = Object.hasOwn(first.routers, name) ? first.routers[name] : undefined
    const sum = { requests: requests + (own?.requests ?? 0), errors: errors + (own?.errors ?? 0) }
    return [[name, sum] as const]
  })
  const [requests = 0] = others[allRequests] ?? []
  const total = {
    requests: first.requests + requests,
    routers: Object.fromEntries([...Object.entries(first.routers), ...routers]),
  }
  return [{ ...first, ...total }, ...rest]
}

/** What goes on counting when the process has ended. */
export function totalsOf(running: RunningGateway): PeerTotals {
  const counts = countsOf(running)
  if (counts === undefined) return {}
  return Object.fromEntries([
    [allRequests, [counts.requests]],
    ...Array.from(
      counts.routers,
      ([name, of]) => [`${routerPrefix}${name}`, [of.requests, of.errors]] as const,
    ),
  ])
}

/** What this process says. */
export function ownState(running: RunningGateway): ProcessState {
  const { state, startedAt, loadedAt, snapshot, refused, exchanges, liveSnapshots } = running
  const { version, hash, services } = snapshot
  const counts = countsOf(running)
  return {
    pid: process.pid,
    state,
    notReady: reasonsAgainst(running),
    startedAt: startedAt?.getTime() ?? 0,
    loadedAt: loadedAt?.getTime() ?? 0,
    version,
    hash,
    ...(refused !== undefined && { refused: { ...refused, at: refused.at.getTime() } }),
    exchanges,
    liveSnapshots,
    ...(counts !== undefined && { requests: counts.requests }),
    routers: Object.fromEntries(counts?.routers ?? []),
    open: Object.fromEntries(counts?.open ?? []),
    services: Object.fromEntries(
      [...services].map(([name, { pool }]) => [name, pool.all.map(endpointState)]),
    ),
    ...(loopLag.ms !== undefined && { loopLagMs: loopLag.ms }),
    heapUsedBytes: process.memoryUsage().heapUsed,
  }
}

function endpointState(endpoint: Endpoint): EndpointState {
  const { url, weight, configuredWeight, healthy, active } = endpoint
  const override = overrideOf(endpoint)
  return { url: urlOf(url), weight, configuredWeight, healthy, active, override }
}
