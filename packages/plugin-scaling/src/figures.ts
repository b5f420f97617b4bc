import type { Figure, Service } from '@gatewright/kernel'

/**
 * What became of a request in front of busy servers: `served`, it had its turn; `timeout`, it has
 * waited too long; `full`, no more could wait; `left`, its client has gone or the gateway drained.
 */
export type QueueResult = 'served' | 'timeout' | 'full' | 'left'

/** What a queue has seen since its service was first configured. Lives on over reloads. */
export class QueueCounts implements Disposable {
  readonly results: Record<QueueResult, number> = { served: 0, timeout: 0, full: 0, left: 0 }

  /** At the moment, on all configurations. */
  waiting = 0

  add(result: QueueResult): void {
    this.results[result]++
  }

  [Symbol.dispose](): void {
    // Nothing is held but numbers.
  }
}

const known = new WeakMap<Service, QueueCounts>()

/** Has figures tell of the queue of a service. */
export function reportQueue(service: Service, counts: QueueCounts): void {
  known.set(service, counts)
}

/** Who waits for a server, and what became of those who did. */
export const scalingFigures: readonly Figure[] = [
  {
    type: 'service_queue_depth',
    kind: 'gauge',
    help: 'Requests that wait for a server that is free',
    labels: ['service'],
    read: ({ services }) =>
      [...services.values()].flatMap((service) => {
        const counts = known.get(service)
        return counts === undefined ? [] : [{ labels: [service.name], value: counts.waiting }]
      }),
  },
  {
    type: 'buffer_results_total',
    kind: 'counter',
    help: 'Requests that came when all servers were busy by what became of them',
    labels: ['service', 'result'],
    read: ({ services }) =>
      [...services.values()].flatMap((service) =>
        Object.entries(known.get(service)?.results ?? {}).map(([result, value]) => ({
          labels: [service.name, result],
          value,
        })),
      ),
  },
]
