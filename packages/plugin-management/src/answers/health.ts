import type { GatewayState, RunningGateway } from '@gatewright/kernel'
import type { ProcessState } from '../process-state.ts'
import { type EntrypointAnswer, entrypointsOf } from './entrypoints.ts'
import { type ProviderAnswer, providersOf } from './providers.ts'
import { versionOf } from './version.ts'

/** How the gateway does, in the words of the reference and some more. */
export interface HealthAnswer {
  /** `Running`, `Draining`, … in which all processes are; else that of those which serve. */
  readonly state: string
  readonly uptime_secs: number
  readonly active_connections: number
  /** `null` if nobody counts. */
  readonly total_requests: number | null
  readonly active_requests: number
  readonly version: string
  readonly workers: number
  readonly config: {
    readonly version: number
    readonly hash: string
    readonly file: string | null
    readonly loaded_at: string
    /** The configuration that was refused since then. */
    readonly last_error: {
      readonly at: string
      readonly code: string
      readonly message: string
    } | null
  }
  readonly providers: readonly ProviderAnswer[]
  readonly entrypoints: readonly EntrypointAnswer[]
  readonly checks: {
    readonly event_loop_lag_ms: number | null
    readonly heap_used_bytes: number
  }
}

/** How all processes do, as one. */
export function healthOf(
  running: RunningGateway,
  processes: readonly ProcessState[],
): HealthAnswer {
  const entrypoints = entrypointsOf(running, processes)
  const { version, hash } = running.snapshot
  const startedAt = Math.min(...processes.map((one) => one.startedAt))
  const loadedAt = Math.max(...processes.map((one) => one.loadedAt))
  const lags = processes.flatMap(({ loopLagMs }) => loopLagMs ?? [])
  const requests = processes.flatMap((one) => one.requests ?? [])
  const refused = processes.flatMap((one) => one.refused ?? []).toSorted((a, b) => b.at - a.at)[0]
  return {
    state: capitalised(stateOf(processes)),
    uptime_secs: Math.max(0, Math.floor((Date.now() - startedAt) / 1000)),
    active_connections: sum(
      entrypoints.map(({ protocol, open_connections: open }) => (protocol === 'udp' ? 0 : open)),
    ),
    total_requests: requests.length === 0 ? null : sum(requests),
    active_requests: sum(processes.map(({ exchanges }) => exchanges)),
    version: versionOf(running).version,
    workers: processes.length,
    config: {
      version,
      hash,
      file: running.file ?? null,
      loaded_at: new Date(loadedAt).toISOString(),
      last_error:
        refused === undefined ? null : { ...refused, at: new Date(refused.at).toISOString() },
    },
    providers: providersOf(running),
    entrypoints,
    checks: {
      event_loop_lag_ms: lags.length === 0 ? null : Math.max(...lags),
      heap_used_bytes: sum(processes.map(({ heapUsedBytes }) => heapUsedBytes)),
    },
  }
}

/** Running as long as one process serves: others may take the place of those that end. */
function stateOf(processes: readonly ProcessState[]): GatewayState {
  const serving = processes.find(({ state }) => state === 'running')
  return serving?.state ?? processes[0]?.state ?? 'stopped'
}

function capitalised(state: string): string {
  return state.charAt(0).toUpperCase() + state.slice(1)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
