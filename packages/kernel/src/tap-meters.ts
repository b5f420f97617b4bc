/**
 * Who meters the taps, which outlive the configurations that want to know.
 *
 * @module
 */
import { meterOf, type Step, type StepMeter, type StepObserver } from './steps.ts'

/** A tap that can be metered. */
export interface MeteredTap {
  /** Says what to count and time, if it is called for exchanges. */
  readonly step: Step | undefined
  meter: StepMeter | undefined
}

/** Every tap there is. */
export class TapMeters {
  readonly #taps: MeteredTap[] = []
  #observers: readonly StepObserver[] = []

  /** Meters all taps, those to come included. */
  use(observers: readonly StepObserver[]): void {
    this.#observers = observers
    for (const tap of this.#taps) this.#give(tap)
  }

  add(tap: MeteredTap): void {
    this.#taps.push(tap)
    this.#give(tap)
  }

  #give(tap: MeteredTap): void {
    tap.meter = tap.step === undefined ? undefined : meterOf(this.#observers, tap.step)
  }
}
