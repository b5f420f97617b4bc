import type { RunningGateway } from '@gatewright/kernel'

/** How long a timer may be late before nobody can say that the process works, in milliseconds. */
const longestLagMs = 5000

/** Whether clients should come, and if not, why. */
export interface ReadinessAnswer {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/** Whether the process works at all, and if not, why. */
export interface LivenessAnswer {
  readonly live: boolean
  readonly reasons: readonly string[]
}

/** Why one process should get no clients; empty if it should. */
export function reasonsAgainst(running: RunningGateway): string[] {
  const { state, addresses, providers } = running
  if (state !== 'running') return [`the gateway is ${state}`]
  const { entrypoints } = running.snapshot.config
  const unbound = Object.keys(entrypoints).filter((name) => !addresses.has(name))
  const waiting = providers.filter((provider) => provider.state === 'starting')
  return [
    ...unbound.map((name) => `entrypoint "${name}" does not listen`),
    ...waiting.map(({ type }) => `provider "${type}" has said nothing yet`),
  ]
}

/** Ready as long as one process is: that is where new connections go. */
export function readinessOf(processes: readonly (readonly string[])[]): ReadinessAnswer {
  if (processes.some((reasons) => reasons.length === 0)) return { ready: true, reasons: [] }
  return { ready: false, reasons: [...new Set(processes.flat())] }
}

/** @param lagMs How late timers of this process were of late. */
export function livenessOf(lagMs: number | undefined): LivenessAnswer {
  if (lagMs === undefined || lagMs < longestLagMs) return { live: true, reasons: [] }
  return { live: false, reasons: [`the event loop was busy for ${lagMs} ms`] }
}
