/**
 * What became of the copies, for metrics.
 *
 * @module
 */
import type { Service } from '@gatewright/kernel'

/**
 * What became of a copy: `sent`, the shadow answered, with whatever status; `dropped_inflight`, too
 * many were under way; `dropped_body`, the body was too large or broke off; `no_endpoint`, the
 * shadow has no server that can take it; `timeout` and `failed`, the shadow did not answer.
 */
export type MirrorOutcome =
  | 'sent'
  | 'dropped_inflight'
  | 'dropped_body'
  | 'no_endpoint'
  | 'timeout'
  | 'failed'

/** Counts since the service was first configured with this shadow. */
export interface MirrorCounts {
  readonly service: string
  readonly shadow: string
  /** Each copy is counted once, when it is over. */
  readonly outcomes: Readonly<Record<MirrorOutcome, number>>
  /** Of those `sent`, how many were answered differently; stays 0 without `compare`. */
  readonly differs: number
  /** Copies under way now. */
  readonly inFlight: number
}

const known = new WeakMap<Service, MirrorCounts>()

/** The counts of a service of a snapshot; `undefined` if it has no `mirror` block. They go on changing. */
export function mirrorCountsOf(service: Service): MirrorCounts | undefined {
  return known.get(service)
}

/** Makes the counts known to {@link mirrorCountsOf}. */
export function publishCounts(service: Service, counts: MirrorCounts): void {
  known.set(service, counts)
}
