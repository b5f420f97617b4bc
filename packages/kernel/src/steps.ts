/**
 * What plugins do for exchanges, step by step, for those who count and time it.
 *
 * @module
 */
import { Completion, isThenable } from './awaitable.ts'
import type { Exchange } from './exchange.ts'
import { isGatewayError } from './gateway-error.ts'
import type { GatewayHooks } from './hooks.ts'
import type { Around, Filter, Handler, Middleware } from './middleware.ts'

/** A part of a middleware or of a service feature, or a tap: what a plugin does for an exchange. */
export interface Step {
  readonly kind: 'middleware' | 'service feature' | 'tap'
  /** Of the block; of a feature, the service that has it; of a tap, the name that it was given. */
  readonly name: string
  /** Of the middleware or feature: `jwt`, `sticky`. Of a tap, its hook. */
  readonly type: string
  /** Whose code it is. */
  readonly plugin: string
  readonly phase: 'onRequest' | 'onResponse' | 'onConnection' | 'around' | keyof GatewayHooks
}

/**
 * How a step ended: the exchange goes on as if it were not there, the step answered or refused it,
 * also by throwing a GatewayError, or it threw something else.
 */
export type StepOutcome = 'passed' | 'answered' | 'failed'

/** Counts and times one step. Called for every exchange: must be quick, and must not throw. */
export interface StepMeter {
  /** Whether to look at the clock this time. */
  timed(exchange: Exchange): boolean
  /**
   * The step is over.
   * @param startedAt `performance.now()`; 0 if it was not timed.
   * @param ownMs Time that was its own, without what it waited for further in; 0 if it was not timed.
   */
  done(exchange: Exchange, outcome: StepOutcome, startedAt: number, ownMs: number): void
}

/** Gives steps their meters, once for each step of a configuration. */
export interface StepObserver {
  /** `undefined` leaves the step alone, and costs nothing. */
  meterFor(step: Step): StepMeter | undefined
}

/** What all observers have for a step, as one. */
export function meterOf(observers: readonly StepObserver[], step: Step): StepMeter | undefined {
  const meters = observers.flatMap((observer) => observer.meterFor(step) ?? [])
  return meters.length > 1 ? new Meters(meters) : meters[0]
}

class Meters implements StepMeter {
  readonly #meters: readonly StepMeter[]

  constructor(meters: readonly StepMeter[]) {
    this.#meters = meters
  }

  timed(exchange: Exchange): boolean {
    let timed = false
    for (const meter of this.#meters) if (meter.timed(exchange)) timed = true
    return timed
  }

  done(exchange: Exchange, outcome: StepOutcome, startedAt: number, ownMs: number): void {
    for (const meter of this.#meters) meter.done(exchange, outcome, startedAt, ownMs)
  }
}

/** One run of a step. @internal */
export class StepRun {
  readonly #meter: StepMeter
  readonly #exchange: Exchange
  readonly #startedAt: number
  #leftAt = 0
  #awayMs = 0

  constructor(meter: StepMeter, exchange: Exchange) {
    this.#meter = meter
    this.#exchange = exchange
    this.#startedAt = meter.timed(exchange) ? performance.now() : 0
  }

  /** What happens further in begins, and is not its own. */
  leave(): void {
    if (this.#startedAt !== 0) this.#leftAt = performance.now()
  }

  back(): void {
    if (this.#startedAt !== 0) this.#awayMs += performance.now() - this.#leftAt
  }

  end(outcome: StepOutcome): void {
    const startedAt = this.#startedAt
    const ownMs = startedAt === 0 ? 0 : performance.now() - startedAt - this.#awayMs
    this.#meter.done(this.#exchange, outcome, startedAt, ownMs)
  }

  /** Ends with what the step threw. */
  fail(error: unknown): void {
    this.end(isGatewayError(error) ? 'answered' : 'failed')
  }

  /**
   * Ends with what the step returned, once that has settled.
   * @param outcomeOf What it is called if something came back.
   * @returns What is to be used in its place: a promise may be looked at once only.
   */
  follow<T>(result: T, outcomeOf: (value: unknown) => StepOutcome): T {
    if (!isThenable(result)) {
      this.end(outcomeOf(result))
      return result
    }
    const followed = new Completion<unknown>().follow(result).then(
      (value) => {
        this.end(outcomeOf(value))
        return value
      },
      (error: unknown) => {
        this.fail(error)
        throw error
      },
    )
    // It settles with what the one that it follows settles with.
    return followed as T
  }
}

type MeterFor = (phase: Step['phase']) => StepMeter | undefined

/** The middleware with its steps metered; the same object if nobody wants to know. @internal */
export function metered(middleware: Middleware, meterFor: MeterFor): Middleware {
  return middleware.around === undefined
    ? meteredFilter(middleware, meterFor)
    : meteredAround(middleware, meterFor)
}

function meteredFilter(filter: Filter, meterFor: MeterFor): Filter {
  const phases = (['onRequest', 'onResponse', 'onConnection'] as const).flatMap((phase) => {
    const meter = filter[phase] === undefined ? undefined : meterFor(phase)
    return meter === undefined ? [] : [[phase, meter] as const]
  })
  if (phases.length === 0) return filter
  const made = bound(filter)
  for (const [phase, meter] of phases) {
    // Each phase gets its own arguments and gives its own result; the meter looks at neither.
    const run = made[phase] as (exchange: Exchange, ...rest: unknown[]) => unknown
    // A response filter replaces what there is; it answers nothing.
    const outcomeOf = phase === 'onResponse' ? passes : answers
    const step = (exchange: Exchange, response: unknown): unknown => {
      const measured = new StepRun(meter, exchange)
      try {
        return measured.follow(run(exchange, response), outcomeOf)
      } catch (error) {
        measured.fail(error)
        throw error
      }
    }
    Object.assign(made, { [phase]: step })
  }
  return made
}

/** What a step that answers nothing says. @internal */
export function passes(): StepOutcome {
  return 'passed'
}

/** What a step that may answer says with what it returned. @internal */
export function answers(value: unknown): StepOutcome {
  return value === undefined || value === null ? 'passed' : 'answered'
}

/** Its methods as functions of their own. */
function bound(filter: Filter): Filter {
  const { patienceMs } = filter
  const made: Filter = patienceMs === undefined ? {} : { patienceMs }
  for (const phase of ['onRequest', 'onResponse', 'onSkip', 'onConnection'] as const) {
    const method: unknown = filter[phase]?.bind(filter)
    if (method !== undefined) Object.assign(made, { [phase]: method })
  }
  return made
}

function meteredAround(middleware: Around, meterFor: MeterFor): Around {
  const meter = meterFor('around')
  if (meter === undefined) return middleware
  const { patienceMs } = middleware
  return {
    ...(patienceMs !== undefined && { patienceMs }),
    around(ctx, next) {
      const run = new StepRun(meter, ctx)
      let passed = false
      const inner: Handler = (exchange) => {
        passed = true
        run.leave()
        const response = next(exchange)
        if (!isThenable(response)) {
          run.back()
          return response
        }
        return response.then((settled) => {
          run.back()
          return settled
        })
      }
      try {
        const result = middleware.around(ctx, inner)
        return run.follow(result, () => (passed ? 'passed' : 'answered'))
      } catch (error) {
        run.fail(error)
        throw error
      }
    },
    ...(middleware.onSkip !== undefined && { onSkip: middleware.onSkip.bind(middleware) }),
  }
}
