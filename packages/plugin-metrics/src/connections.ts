import type { Connection, Refusal, Snapshot, StreamContext } from '@gatewright/kernel'
import type { Family, Sample } from './family.ts'
import { Tally } from './tally.ts'

interface EntrypointCounts {
  /** Since the start. */
  accepted: number
  open: number
}

/** Counts connections, and what of them was passed on without being looked into. */
export class Connections {
  readonly #entrypoints = new Map<string, EntrypointCounts>()
  readonly #refused = new Tally(['entrypoint', 'reason'])
  readonly #streams = new Tally(['service', 'outcome'])
  readonly #bytes = new Tally(['service', 'direction'])

  accepted(connection: Connection): void {
    const counts = this.#of(connection.entrypoint)
    counts.accepted++
    counts.open++
    connection.defer(() => {
      counts.open--
    })
  }

  refused({ entrypoint }: Connection, { code, answer, error }: Refusal): void {
    this.#refused.add(entrypoint, code ?? answer?.code ?? error?.code ?? 'other')
  }

  /** A connection or session that was passed on, or was to be. */
  streamEnded(ctx: StreamContext): void {
    const { route, refusal, abortedBy, established } = ctx
    const service = ctx.attempts?.at(-1)?.service.name ?? route?.service
    if (service === undefined) return
    const passed = established ? (abortedBy?.source ?? 'complete') : 'failed'
    this.#streams.add(service, refusal === undefined ? passed : 'refused')
    this.#bytes.add(service, 'received', ctx.received)
    this.#bytes.add(service, 'sent', ctx.sent)
  }

  active(snapshot: Snapshot): Family {
    const { entrypoints } = snapshot.config
    let value = 0
    for (const [name, { open }] of this.#entrypoints) {
      if (entrypoints[name]?.protocol !== 'udp') value += open
    }
    return {
      name: 'active_connections',
      type: 'gauge',
      help: 'Current active connections',
      labels: [],
      across: 'sum',
      samples: [{ labels: [], value }],
    }
  }

  families({ config, services }: Snapshot): Family[] {
    const { entrypoints } = config
    const isEntrypoint = ({ labels: [name = ''] }: Sample): boolean =>
      Object.hasOwn(entrypoints, name)
    const isService = ({ labels: [name = ''] }: Sample): boolean => services.has(name)
    const each = (valueOf: (counts: EntrypointCounts) => number): Sample[] =>
      Object.entries(entrypoints).map(([name, { protocol }]) => ({
        labels: [name, protocol],
        value: valueOf(this.#of(name)),
      }))
    const base = { labels: ['entrypoint', 'protocol'], across: 'sum' } as const
    const counter = { type: 'counter', across: 'sum' } as const
    return [
      {
        ...base,
        name: 'entrypoint_open_connections',
        type: 'gauge',
        help: 'Current connections and sessions by entrypoint',
        samples: each(({ open }) => open),
      },
      {
        ...base,
        name: 'entrypoint_connections_total',
        type: 'counter',
        help: 'Connections and sessions by entrypoint',
        samples: each(({ accepted }) => accepted),
      },
      {
        ...counter,
        name: 'rejected_total',
        help: 'Connections and sessions that were refused',
        labels: this.#refused.labels,
        samples: this.#refused.samples().filter(isEntrypoint),
      },
      {
        ...counter,
        name: 'streams_total',
        help: 'TCP connections and UDP sessions by how they ended',
        labels: this.#streams.labels,
        samples: this.#streams.samples().filter(isService),
      },
      {
        ...counter,
        name: 'stream_bytes_total',
        help: 'Bytes of TCP connections and UDP sessions',
        labels: this.#bytes.labels,
        samples: this.#bytes.samples().filter(isService),
      },
    ]
  }

  #of(entrypoint: string): EntrypointCounts {
    const known = this.#entrypoints.get(entrypoint)
    if (known !== undefined) return known
    const counts = { accepted: 0, open: 0 }
    this.#entrypoints.set(entrypoint, counts)
    return counts
  }
}
