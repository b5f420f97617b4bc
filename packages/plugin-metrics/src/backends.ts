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
  readonly #connects = new Map<string, Histogram>()

  constructor({ backend_label: label, buckets }: MetricsOptions) {
    this.#label = label
    this.#buckets = buckets
  }

  attemptEnded({ endpoint, service, startedAt, endedAt, connectMs }: Attempt): void {
    this.#countsOf(endpoint, service).requests++
    const tookMs = (endedAt ?? startedAt) - startedAt
    this.#histogramOf(this.#durations, service.name).observe(tookMs / 1000)
    if (connectMs === 0) return
    this.#histogramOf(this.#connects, service.name).observe(connectMs / 1000)
  }

  /** Forgets services that are no longer configured. */
  follow(snapshot: Snapshot): void {
    for (const histograms of [this.#durations, this.#connects]) {
      for (const name of histograms.keys()) {
        if (!snapshot.services.has(name)) histograms.delete(name)
      }
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

  durations(): Family[] {
    const attempts = 'Time from the begin of an attempt to its response head or failure'
    const connects = 'Time that connections to servers took to be made'
    return [
      histogramFamily('upstream_duration_seconds', attempts, this.#durations),
      histogramFamily('upstream_connect_seconds', connects, this.#connects),
    ]
  }

  /** How a server is called in labels. */
  nameOf({ protocol, host, pathname }: URL): string {
    const text = `${protocol}//${host}${pathname === '/' ? '' : pathname}`
    if (this.#label === 'url') return text
    return `b_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
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
    const counts = { service: name, backend: this.nameOf(endpoint.url), requests: 0 }
    this.#counts.set(endpoint, counts)
    return counts
  }

  #histogramOf(histograms: Map<string, Histogram>, service: string): Histogram {
    const known = histograms.get(service)
    if (known !== undefined) return known
    const histogram = new Histogram(this.#buckets)
    histograms.set(service, histogram)
    return histogram
  }
}

function histogramFamily(
  name: string,
  help: string,
  histograms: ReadonlyMap<string, Histogram>,
): Family {
  return {
    name,
    type: 'histogram',
    help,
    labels: ['service'],
    across: 'sum',
    samples: [...histograms].map(([service, { distribution }]) => ({
      labels: [service],
      value: distribution,
    })),
  }
}
