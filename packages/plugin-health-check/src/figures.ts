import type { Endpoint, Figure } from '@gatewright/kernel'

/** How probes of a server ended. */
interface ProbeCounts {
  healthy: number
  unhealthy: number
}

const counts = new WeakMap<Endpoint, ProbeCounts>()

/** Counts a probe. */
export function countProbe(endpoint: Endpoint, wentWell: boolean): void {
  let known = counts.get(endpoint)
  if (known === undefined) {
    known = { healthy: 0, unhealthy: 0 }
    counts.set(endpoint, known)
  }
  known[wentWell ? 'healthy' : 'unhealthy']++
}

/** How often servers were asked, and how that went. */
export const probeFigure: Figure = {
  type: 'health_checks_total',
  kind: 'counter',
  help: 'Probes of servers by what they found',
  labels: ['service', 'backend', 'result'],
  read: ({ services }) =>
    [...services.values()].flatMap(({ name, pool }) =>
      pool.all.flatMap((endpoint) =>
        Object.entries(counts.get(endpoint) ?? {}).map(([result, value]) => ({
          labels: [name, endpoint.url.href, result],
          value,
        })),
      ),
    ),
}
