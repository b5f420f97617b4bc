/**
 * Who meters the taps, which outlive the configurations that want to know.
 *
 * @module
 */
import { type ObservedStep, type Step, StepObservers } from './steps.ts'

/** A tap that can be metered. */
export interface MeteredTap {
  /** Says what to count and time, if it is called for exchanges. */
  readonly step: Step | undefined
  observed: ObservedStep | undefined
}

/** Every tap there is. */
export class TapMeters {
  readonly #taps: MeteredTap[] = []
  #observers = new StepObservers()

  /** Meters all taps, those to come included. */
  use(observers: StepObservers): void {
    this.#observers = observers
    for (const tap of this.#taps) this.#give(tap)
  }

  add(tap: MeteredTap): void {
    this.#taps.push(tap)
    this.#give(tap)
  }

  #give(tap: MeteredTap): void {
    tap.observed = tap.step && this.#observers.observed(tap.step)
  }
}
