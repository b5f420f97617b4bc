import type { Connection, Exchange, Refusal, Snapshot, StreamContext } from '@gatewright/kernel'
import type { Family, Sample } from './family.ts'
import { Tally, tallyFamily } from './tally.ts'

interface EntrypointCounts {
  /** Since the start. */
  accepted: number
  open: number
}

/** Counts connections, and what of them was passed on without being looked into. */
export class Connections {
  readonly #entrypoints = new Map<string, EntrypointCounts>()
  readonly #refused = new Tally(['entrypoint', 'reason'] as const)
  readonly #tcp = new Tally(['entrypoint', 'service', 'outcome'] as const)
  readonly #udp = new Tally(['entrypoint', 'service', 'outcome'] as const)
  readonly #bytes = new Tally(['service', 'direction'] as const)

  accepted(connection: Connection): void {
    const counts = this.#of(connection.entrypoint)
    counts.accepted++
    counts.open++
    connection.defer(() => {
      counts.open--
    })
  }

  refused({ entrypoint }: Connection, { code, answer, error }: Refusal): void {
    this.#refused.add([entrypoint, code ?? answer?.code ?? error?.code ?? 'other'])
  }

  /** A connection or session that was passed on, or was to be. */
  streamEnded(ctx: StreamContext): void {
    const { route, refusal, abortedBy, established, snapshot } = ctx
    const { entrypoint } = ctx.connection
    const service = ctx.attempts?.at(-1)?.service.name ?? route?.service
    if (service === undefined) return
    const passed = established ? (abortedBy?.source ?? 'complete') : 'failed'
    const isUdp = snapshot.config.entrypoints[entrypoint]?.protocol === 'udp'
    const tally = isUdp ? this.#udp : this.#tcp
    tally.add([entrypoint, service, refusal === undefined ? passed : 'refused'])
    this.carried(ctx, service)
  }

  /** What went over a connection that was not looked into. */
  carried({ received, sent }: Exchange, service: string): void {
    this.#bytes.add([service, 'received'], received)
    this.#bytes.add([service, 'sent'], sent)
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

  families(snapshot: Snapshot): Family[] {
    const { entrypoints } = snapshot.config
    const each = (valueOf: (counts: EntrypointCounts) => number): Sample[] =>
      Object.entries(entrypoints).map(([name, { protocol }]) => ({
        labels: [name, protocol],
        value: valueOf(this.#of(name)),
      }))
    const base = { labels: ['entrypoint', 'protocol'], across: 'sum' } as const
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
      ...this.#outcomes(snapshot),
    ]
  }

  #outcomes({ config, services }: Snapshot): Family[] {
    const isEntrypoint = (name: string): boolean => Object.hasOwn(config.entrypoints, name)
    const isService = (name: string): boolean => services.has(name)
    const streams = [isEntrypoint, isService]
    const rejected = 'Connections and sessions that were refused'
    const tcp = 'TCP connections that were passed on by how they ended'
    const udp = 'UDP sessions by how they ended'
    const bytes = 'Bytes of TCP connections, UDP sessions and connections that switched protocols'
    return [
      tallyFamily('rejected_total', rejected, this.#refused, [isEntrypoint]),
      tallyFamily('tcp_connections_total', tcp, this.#tcp, streams),
      tallyFamily('udp_sessions_total', udp, this.#udp, streams),
      tallyFamily('stream_bytes_total', bytes, this.#bytes, [isService]),
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
