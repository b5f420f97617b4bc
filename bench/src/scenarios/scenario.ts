import type { Load } from '../load/load.ts'
import type { Feature } from '../peers/peer.ts'

/** What a scenario is about, and the unit of its figures. */
export type Metric =
  /** Microseconds of processor time per request. */
  | 'cpu'
  /** Microseconds until half of the responses were there. */
  | 'latency'
  /** Bytes of resident memory per idle connection. */
  | 'memory'

/** One kind of work that all candidates do. */
export interface Scenario {
  /** As `--scenario` names it. */
  readonly name: string
  readonly title: string
  readonly metric: Metric
  /** Set-ups of Gatewright that take part. */
  readonly gateways: readonly string[]
  /** Who else takes part, if they can. */
  readonly peers: readonly string[]
  readonly needs: readonly Feature[]
  /** Routers that the peers choose from. */
  readonly routers: number
  /** Processor cores that each candidate gets, if the machine has enough of them. */
  readonly cores: 1 | 2
  /** What clients do. */
  readonly load: Load
}
