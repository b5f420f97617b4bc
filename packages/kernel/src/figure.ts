/**
 * Figures that plugins keep, for whoever shows figures, such as metrics.
 *
 * @module
 */
import { checkFigure } from './figure-check.ts'
import { RegistryKey } from './plugin.ts'
import type { Snapshot } from './snapshot.ts'

/** One value of a figure. */
export interface FigureSample {
  /**
   * Values for {@link Figure.labels}, in the same order and as many; always text. Of a label
   * `backend` the URL of a server: metrics call it as they call servers everywhere.
   */
  readonly labels: readonly string[]
  /** Finite: what is no number is left out. */
  readonly value: number
}

/**
 * A figure that a plugin keeps.
 * @example
 * ```ts
 * gateway.registry(figures).register({
 *   type: 'quota_used_total',
 *   kind: 'counter',
 *   help: 'Requests that were taken off a quota',
 *   labels: ['middleware', 'tier'],
 *   read: () => [{ labels: ['per-team', 'gold'], value: 42 }],
 * })
 * ```
 */
export interface Figure {
  /**
   * Lower-case words with `_` between them and the unit last: `circuit_breaker_state`. That of a
   * counter, and of nothing else, ends in `_total`. Without the prefix that metrics put before it.
   */
  readonly type: string
  /** A counter only ever grows, over reloads too; a gauge is what it is at the moment. */
  readonly kind: 'counter' | 'gauge'
  /** One sentence without a full stop. */
  readonly help: string
  /** Names only; each sample has the values. Letters, digits and `_`. */
  readonly labels: readonly string[]
  /**
   * What stands for all processes that work alike. Default `sum`, also for gauges: with four workers
   * an average, a ratio, a time or a limit would be four times as large and needs `max` or `min`.
   */
  readonly across?: 'sum' | 'max' | 'min'
  /**
   * The values at present: called whenever somebody looks, so it takes what is there and waits for
   * nothing. Labels may have values from the configuration or from a closed set, never from what
   * clients send: nobody bounds how many there are. A series that is not among them is gone.
   * @param snapshot What is in force, to leave out what is no longer configured.
   */
  read(snapshot: Snapshot): Iterable<FigureSample>
}

/**
 * Where plugins register figures: `gateway.registry(figures).register({ … })`. Throws
 * GW_FIGURE_INVALID for what nobody could show.
 */
export const figures: RegistryKey<Figure> = new RegistryKey('figure', checkFigure)
