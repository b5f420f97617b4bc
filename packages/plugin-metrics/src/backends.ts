import { createHash } from 'node:crypto'
import type { Attempt, Endpoint, Service, Snapshot } from '@gatewright/kernel'
import type { Family, Sample } from './family.ts'
import { Histogram } from './histogram.ts'
import type { MetricsOptions } from './options.ts'

const gauge = { type: 'gauge', labels: ['service', 'backend'] } as const

interface BackendCounts {
  readonly service: string
  readonly backend: string
  requests: number
}

/** Counts attempts at servers. */
export class Backends {
  readonly #label: MetricsOptions['backend_label']
  readonly #buckets: readonly number[]
  readonly #counts = new WeakMap<Endpoint, BackendCounts>()
  readonly #durations = new Map<string, Histogram>()

  constructor({ backend_label: label, buckets }: MetricsOptions) {
    this.#label = label
    this.#buckets = buckets
  }

  attemptEnded({ endpoint, service, startedAt, endedAt }: Attempt): void {
    this.#countsOf(endpoint, service).requests++
    let histogram = this.#durations.get(service.name)
    if (histogram === undefined) {
      histogram = new Histogram(this.#buckets)
      this.#durations.set(service.name, histogram)
    }
    histogram.observe(((endedAt ?? startedAt) - startedAt) / 1000)
  }

  /** Forgets services that are no longer configured. */
  follow(snapshot: Snapshot): void {
    for (const name of this.#durations.keys()) {
      if (!snapshot.services.has(name)) this.#durations.delete(name)
    }
  }

  requests(snapshot: Snapshot): Family {
    return {
      name: 'backend_requests_total',
      type: 'counter',
      help: 'Requests per backend',
      labels: ['service', 'backend'],
      across: 'sum',
      samples: this.#each(snapshot, (endpoint, labels) => {
        const requests = this.#counts.get(endpoint)?.requests
        return requests === undefined ? [] : [{ labels, value: requests }]
      }),
    }
  }

  /** What servers are and do at the moment. */
  state(snapshot: Snapshot): Family[] {
    return [
      {
        ...gauge,
        name: 'backend_active_requests',
        help: 'Current upstream operations by backend',
        across: 'sum',
        samples: this.#each(snapshot, ({ active }, labels) => [{ labels, value: active }]),
      },
      {
        ...gauge,
        name: 'backend_healthy',
        help: 'Current local backend health state',
        across: 'min',
        samples: this.#each(snapshot, ({ healthy }, labels) => [
          { labels, value: healthy ? 1 : 0 },
        ]),
      },
    ]
  }

  durations(): Family {
    return {
      name: 'upstream_duration_seconds',
      type: 'histogram',
      help: 'Time from the begin of an attempt to its response head or failure',
      labels: ['service'],
      across: 'sum',
      samples: [...this.#durations].map(([service, { distribution }]) => ({
        labels: [service],
        value: distribution,
      })),
    }
  }

  #each(
    { services }: Snapshot,
    samplesOf: (endpoint: Endpoint, labels: readonly string[]) => Sample[],
  ): Sample[] {
    return [...services.values()].flatMap((service) =>
      service.pool.all.flatMap((endpoint) => {
        const { backend } = this.#countsOf(endpoint, service)
        return samplesOf(endpoint, [service.name, backend])
      }),
    )
  }

  #countsOf(endpoint: Endpoint, { name }: Pick<Service, 'name'>): BackendCounts {
    const known = this.#counts.get(endpoint)
    if (known !== undefined) return known
    const counts = { service: name, backend: this.#nameOf(endpoint.url), requests: 0 }
    this.#counts.set(endpoint, counts)
    return counts
  }

  #nameOf(url: URL): string {
    const text = `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`
    if (this.#label === 'url') return text
    return `b_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
  }
}
