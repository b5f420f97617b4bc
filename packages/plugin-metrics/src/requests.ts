import { firstByteAt, type RequestContext, type Snapshot } from '@gatewright/kernel'
import type { Family, Sample } from './family.ts'
import { Histogram } from './histogram.ts'
import { methodCount, methodIndex, methodName } from './methods.ts'

/** Counts of what has one name. */
interface Counts {
  requests: number
  errors: number
  microseconds: number
}

/** Of one router, whose requests all go to one service. */
interface RouterCounts extends Counts {
  readonly router: string
  readonly service: string
  /** By class of status and method; made when there is one. */
  readonly durations: (Histogram | undefined)[]
}

/** For requests that no router took. */
const nobody = ''

/** Counts requests as they end. */
export class Requests {
  #total = 0
  #responseBytes = 0
  #requestBytes = 0
  /** By the first digit of the status. */
  readonly #classes = [0, 0, 0, 0, 0, 0]
  readonly #buckets: readonly number[]
  readonly #routers = new Map<string, RouterCounts>()
  readonly #services = new Map<string, Counts>()
  readonly #firstBytes = new Map<string, Histogram>()

  constructor(buckets: readonly number[]) {
    this.#buckets = buckets
  }

  ended(ctx: RequestContext): void {
    const { route, request, startedAt, status } = ctx
    const statusClass = Math.trunc(status / 100)
    this.#total++
    this.#requestBytes += ctx.received
    this.#responseBytes += ctx.sent
    this.#classes[statusClass] = (this.#classes[statusClass] ?? 0) + 1
    const tookMs = performance.now() - startedAt
    const counts = this.#routerOf(route?.router ?? nobody, route?.service ?? nobody)
    count(counts, status, tookMs)
    if (route !== undefined) count(this.#serviceOf(route.service), status, tookMs)
    const place = statusClass * methodCount + methodIndex(request.method)
    let histogram = counts.durations[place]
    if (histogram === undefined) {
      histogram = new Histogram(this.#buckets)
      counts.durations[place] = histogram
    }
    histogram.observe(tookMs / 1000)
    const firstByte = ctx.get(firstByteAt)
    if (firstByte !== undefined && route !== undefined) {
      this.#firstByteOf(route.service).observe((firstByte - startedAt) / 1000)
    }
  }

  /** Forgets what is no longer configured. */
  follow({ routes, services }: Snapshot): void {
    const known = new Map(routes.map(({ router, service }) => [router, service]))
    for (const [name, { service }] of this.#routers) {
      if (name !== nobody && known.get(name) !== service) this.#routers.delete(name)
    }
    for (const name of this.#services.keys()) if (!services.has(name)) this.#services.delete(name)
    for (const name of this.#firstBytes.keys()) {
      if (!services.has(name)) this.#firstBytes.delete(name)
    }
  }

  /** In the order in which they have always been told. */
  totals(): Family[] {
    return [
      counter('requests_total', 'Total number of requests', [{ labels: [], value: this.#total }]),
      {
        ...counter('responses_total', 'Total responses by status class', this.#classSamples()),
        labels: ['status_class'],
      },
      counter('response_bytes_total', 'Total response bytes', [
        { labels: [], value: this.#responseBytes },
      ]),
    ]
  }

  routers(): Family {
    return perName('router', 'Requests per router', this.#named(), ({ requests }) => requests)
  }

  services(): Family {
    return perName('service', 'Requests per service', this.#services, ({ requests }) => requests)
  }

  latencies(): Family {
    const help = 'Cumulative latency per router in microseconds'
    return {
      ...perName('router', help, this.#named(), ({ microseconds }) => Math.round(microseconds)),
      name: 'router_latency_microseconds_total',
    }
  }

  errors(): Family[] {
    return [errorsPer('router', this.#named()), errorsPer('service', this.#services)]
  }

  more(): Family[] {
    return [
      counter('request_bytes_total', 'Total bytes of request bodies', [
        { labels: [], value: this.#requestBytes },
      ]),
      this.#durations(),
      {
        name: 'service_request_duration_seconds',
        type: 'histogram',
        help: 'Gateway service operation duration',
        labels: ['service'],
        across: 'sum',
        samples: this.#serviceDurations(),
      },
      {
        name: 'service_ttft_seconds',
        type: 'histogram',
        help: 'Time to the first non-empty streaming response chunk',
        labels: ['service'],
        across: 'sum',
        samples: [...this.#firstBytes].map(([service, { distribution }]) => ({
          labels: [service],
          value: distribution,
        })),
      },
    ]
  }

  #durations(): Family {
    const samples = [...this.#routers.values()].flatMap(({ router, service, durations }) =>
      durations.flatMap((histogram, place) => {
        if (histogram === undefined) return []
        const statusClass = `${Math.trunc(place / methodCount)}xx`
        const labels = [router, service, statusClass, methodName(place % methodCount)]
        return [{ labels, value: histogram.distribution }]
      }),
    )
    return {
      name: 'request_duration_seconds',
      type: 'histogram',
      help: 'Time from the head of a request to the end of its response',
      labels: ['router', 'service', 'status_class', 'method'],
      across: 'sum',
      samples,
    }
  }

  /** What the routers of a service say together. */
  #serviceDurations(): Sample[] {
    const byService = new Map<string, { counts: number[]; sum: number }>()
    for (const { service, durations } of this.#routers.values()) {
      if (service === nobody) continue
      const all = byService.get(service) ?? {
        counts: Array.from({ length: this.#buckets.length + 1 }, () => 0),
        sum: 0,
      }
      byService.set(service, all)
      for (const histogram of durations) {
        if (histogram === undefined) continue
        const { counts, sum } = histogram.distribution
        for (const [index, value] of counts.entries()) {
          all.counts[index] = (all.counts[index] ?? 0) + value
        }
        all.sum += sum
      }
    }
    return [...byService].map(([service, { counts, sum }]) => ({
      labels: [service],
      value: { bounds: this.#buckets, counts, sum },
    }))
  }

  #classSamples(): Sample[] {
    const of = (digit: number): Sample => ({
      labels: [`${digit}xx`],
      value: this.#classes[digit] ?? 0,
    })
    const always = [2, 3, 4, 5].map((digit) => of(digit))
    return (this.#classes[1] ?? 0) > 0 ? [of(1), ...always] : always
  }

  #named(): ReadonlyMap<string, Counts> {
    return new Map([...this.#routers].filter(([name]) => name !== nobody))
  }

  #routerOf(router: string, service: string): RouterCounts {
    const known = this.#routers.get(router)
    if (known !== undefined) return known
    const counts = { router, service, durations: [], ...none }
    this.#routers.set(router, counts)
    return counts
  }

  #serviceOf(service: string): Counts {
    const known = this.#services.get(service)
    if (known !== undefined) return known
    const counts = { ...none }
    this.#services.set(service, counts)
    return counts
  }

  #firstByteOf(service: string): Histogram {
    const known = this.#firstBytes.get(service)
    if (known !== undefined) return known
    const histogram = new Histogram(this.#buckets)
    this.#firstBytes.set(service, histogram)
    return histogram
  }
}

const none = { requests: 0, errors: 0, microseconds: 0 }

function count(counts: Counts, status: number, tookMs: number): void {
  counts.requests++
  counts.microseconds += tookMs * 1000
  if (status >= 400) counts.errors++
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'counter', help, labels: [], across: 'sum', samples }
}

function perName(
  kind: string,
  help: string,
  counts: ReadonlyMap<string, Counts>,
  valueOf: (counts: Counts) => number,
): Family {
  const samples = [...counts].map(([name, of]) => ({ labels: [name], value: valueOf(of) }))
  return { ...counter(`${kind}_requests_total`, help, samples), labels: [kind] }
}

function errorsPer(kind: string, counts: ReadonlyMap<string, Counts>): Family {
  const help = `Error responses (4xx+5xx) per ${kind}`
  return { ...perName(kind, help, counts, ({ errors }) => errors), name: `${kind}_errors_total` }
}
