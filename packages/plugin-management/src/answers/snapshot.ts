import type { RunningGateway } from '@gatewright/kernel'
import type { ProcessState } from '../process-state.ts'

/** What is active. */
export interface SnapshotAnswer {
  /** Counts up with every configuration that this process has applied. */
  readonly version: number
  readonly hash: string
  readonly loaded_at: string
  readonly file: string | null
  /** This one, and those that wait for the last exchange that needs them. */
  readonly live_snapshots: number
  readonly active_requests: number
  readonly entrypoints: number
  readonly routers: number
  readonly services: number
  readonly middlewares: number
  /** Each process as it says itself. */
  readonly processes: readonly {
    readonly pid: number
    readonly state: string
    readonly version: number
    readonly hash: string
    readonly loaded_at: string
  }[]
}

/** What is active, and in which processes. */
export function snapshotOf(
  running: RunningGateway,
  processes: readonly ProcessState[],
): SnapshotAnswer {
  const { version, hash } = running.snapshot
  const { entrypoints, routers, services, middlewares } = running.understood.blueprint
  return {
    version,
    hash,
    loaded_at: (running.loadedAt ?? new Date()).toISOString(),
    file: running.file ?? null,
    live_snapshots: processes.reduce((sum, { liveSnapshots }) => sum + liveSnapshots, 0),
    active_requests: processes.reduce((sum, { exchanges }) => sum + exchanges, 0),
    entrypoints: entrypoints.length,
    routers: routers.length,
    services: services.length,
    middlewares: middlewares.length,
    processes: processes.map((one) => ({
      pid: one.pid,
      state: one.state,
      version: one.version,
      hash: one.hash,
      loaded_at: new Date(one.loadedAt).toISOString(),
    })),
  }
}
