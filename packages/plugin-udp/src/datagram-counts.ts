import type { Figure, FigureSample, Snapshot } from '@gatewright/kernel'

/** What one service got over one entrypoint. */
export interface FlowCounts {
  readonly entrypoint: string
  readonly service: string
  /** At the moment. */
  sessions: number
  /** Datagrams. */
  received: number
  sent: number
}

/** Counts the datagrams and sessions of one gateway. */
export class DatagramCounts {
  readonly #counts = new Map<string, FlowCounts>()

  of(entrypoint: string, service: string): FlowCounts {
    const key = JSON.stringify([entrypoint, service])
    const known = this.#counts.get(key)
    if (known !== undefined) return known
    const counts = { entrypoint, service, sessions: 0, received: 0, sent: 0 }
    this.#counts.set(key, counts)
    return counts
  }

  /** Forgets what is no longer configured, but for what still has sessions. */
  follow(snapshot: Snapshot): void {
    for (const [key, counts] of this.#counts) {
      if (counts.sessions === 0 && !isThere(counts, snapshot)) this.#counts.delete(key)
    }
  }

  figures(): Figure[] {
    const labels = ['entrypoint', 'service']
    return [
      {
        type: 'udp_sessions',
        kind: 'gauge',
        help: 'UDP sessions at the moment',
        labels,
        read: (snapshot) =>
          this.#all(snapshot, ({ entrypoint, service, sessions }) => [
            { labels: [entrypoint, service], value: sessions },
          ]),
      },
      {
        type: 'udp_datagrams_total',
        kind: 'counter',
        help: 'Datagrams of UDP sessions, from clients and to them',
        labels: [...labels, 'direction'],
        read: (snapshot) =>
          this.#all(snapshot, ({ entrypoint, service, received, sent }) => [
            { labels: [entrypoint, service, 'received'], value: received },
            { labels: [entrypoint, service, 'sent'], value: sent },
          ]),
      },
    ]
  }

  #all(snapshot: Snapshot, samplesOf: (counts: FlowCounts) => FigureSample[]): FigureSample[] {
    return [...this.#counts.values()]
      .filter((counts) => isThere(counts, snapshot))
      .flatMap((counts) => samplesOf(counts))
  }
}

function isThere({ entrypoint, service }: FlowCounts, { config, services }: Snapshot): boolean {
  return Object.hasOwn(config.entrypoints, entrypoint) && services.has(service)
}
