/**
 * Figures that plugins keep, for whoever shows figures, such as metrics.
 *
 * @module
 */
import { RegistryKey } from './plugin.ts'
import type { Snapshot } from './snapshot.ts'

/** One value of a figure. */
export interface FigureSample {
  /** One for each of {@link Figure.labels}. */
  readonly labels: readonly string[]
  readonly value: number
}

/** A figure that a plugin keeps. */
export interface Figure {
  /** Lower-case words with `_` between them and the unit last: `circuit_breaker_state`. */
  readonly type: string
  /** A counter only ever grows, over reloads too; a gauge is what it is at the moment. */
  readonly kind: 'counter' | 'gauge'
  /** One sentence without a full stop. */
  readonly help: string
  readonly labels: readonly string[]
  /** What stands for all processes that work alike. Default `sum`. */
  readonly across?: 'sum' | 'max' | 'min'
  /**
   * The values at present. Labels may have values from the configuration or from a closed set, never
   * from what clients send: nobody bounds how many there are.
   */
  read(snapshot: Snapshot): Iterable<FigureSample>
}

/** Where plugins register figures: `gateway.registry(figures).register({ … })`. */
export const figures: RegistryKey<Figure> = new RegistryKey('figure')
