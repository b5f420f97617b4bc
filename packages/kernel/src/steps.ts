/**
 * What plugins do for exchanges, step by step, for those who count and time it.
 *
 * @module
 */
import { type Awaitable, Completion, isThenable } from './awaitable.ts'
import type { Exchange } from './exchange.ts'
import { isGatewayError } from './gateway-error.ts'
import type { GatewayHooks } from './hooks.ts'
import type { Around, Filter, Handler, Middleware } from './middleware.ts'
import type { RequestContext } from './request-context.ts'
import type { GatewayResponse } from './response.ts'
import type { ExchangeWatch } from './watching.ts'

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

/** Looks at the steps of a configuration: at each of them, at all of one request, or both. */
export interface StepObserver {
  /**
   * Gives a step its meter, once for each configuration. `undefined` leaves the step alone, and costs
   * nothing.
   */
  meterFor?(step: Step): StepMeter | undefined
  /**
   * A request begins, and nothing has looked at it. `undefined` leaves it alone, and costs nothing
   * further. Must be quick. Throwing is logged.
   */
  watch?(ctx: RequestContext): ExchangeWatch | undefined
}

/** All that look at the steps of one configuration. @internal */
export class StepObservers {
  readonly #all: StepObserver[] = []
  readonly #watchers: StepObserver[] = []

  /** Those that may want to look at single requests. */
  get watchers(): readonly StepObserver[] {
    return this.#watchers
  }

  add(observer: StepObserver): void {
    this.#all.push(observer)
    if (observer.watch !== undefined) this.#watchers.push(observer)
  }

  /** What all have for a step, as one. */
  meterFor(step: Step): StepMeter | undefined {
    const meters = this.#all.flatMap((observer) => observer.meterFor?.(step) ?? [])
    return meters.length > 1 ? new Meters(meters) : meters[0]
  }

  /** The step as it is looked at; `undefined` if nobody ever will. */
  observed(step: Step): ObservedStep | undefined {
    const meter = this.meterFor(step)
    return meter === undefined && this.#watchers.length === 0 ? undefined : { step, meter }
  }
}

/** A step at which somebody may look. @internal */
export interface ObservedStep {
  readonly step: Step
  readonly meter: StepMeter | undefined
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

/** Whether nobody looks at this run of a step. @internal */
export function isIgnored({ meter }: ObservedStep, { watch }: Exchange): boolean {
  return meter === undefined && watch === undefined
}

/** Begins a run of a step; `undefined` if it is only to be counted. @internal */
export function beginRun(step: ObservedStep, exchange: Exchange): StepRun | undefined {
  const timed = step.meter?.timed(exchange) === true
  return timed || exchange.watch !== undefined ? new StepRun(timed) : undefined
}

/** A run of a step has ended. */
function endRun(
  { step, meter }: ObservedStep,
  run: StepRun | undefined,
  exchange: Exchange,
  outcome: StepOutcome,
): void {
  if (run === undefined) {
    meter?.done(exchange, outcome, 0, 0)
    return
  }
  const { startedAt, ownMs, timed } = run
  meter?.done(exchange, outcome, timed ? startedAt : 0, timed ? ownMs : 0)
  exchange.watch?.step(step, outcome, startedAt, ownMs)
}

/** A run of a step has ended with what it threw. @internal */
export function failRun(
  step: ObservedStep,
  run: StepRun | undefined,
  exchange: Exchange,
  error: unknown,
): void {
  endRun(step, run, exchange, isGatewayError(error) ? 'answered' : 'failed')
}

/**
 * A run of a step ends with what it returned, once that has settled.
 * @param outcomeOf What it is called if something came back.
 * @returns What is to be used in its place: a promise may be looked at once only.
 * @internal
 */
export function followRun<T>(
  step: ObservedStep,
  run: StepRun | undefined,
  exchange: Exchange,
  result: T,
  outcomeOf: (value: unknown) => StepOutcome,
): T {
  if (!isThenable(result)) {
    endRun(step, run, exchange, outcomeOf(result))
    return result
  }
  const followed = new Completion<unknown>().follow(result).then(
    (value) => {
      endRun(step, run, exchange, outcomeOf(value))
      return value
    },
    (error: unknown) => {
      failRun(step, run, exchange, error)
      throw error
    },
  )
  // It settles with what the one that it follows settles with.
  return followed as T
}

/** One run of a step that somebody times. @internal */
export class StepRun {
  /** The meter asked for the time. */
  readonly timed: boolean
  /** `performance.now()` */
  readonly startedAt: number = performance.now()
  #leftAt = 0
  #awayMs = 0

  constructor(timed: boolean) {
    this.timed = timed
  }

  /** Up to now, without what happened further in. */
  get ownMs(): number {
    return performance.now() - this.startedAt - this.#awayMs
  }

  /** What happens further in begins, and is not its own. */
  leave(): void {
    this.#leftAt = performance.now()
  }

  back(): void {
    this.#awayMs += performance.now() - this.#leftAt
  }
}

type StepOf = (phase: Step['phase']) => ObservedStep | undefined

/** The middleware with its steps observed; the same object if nobody wants to know. @internal */
export function observed(middleware: Middleware, stepOf: StepOf): Middleware {
  return middleware.around === undefined
    ? observedFilter(middleware, stepOf)
    : observedAround(middleware, stepOf)
}

function observedFilter(filter: Filter, stepOf: StepOf): Filter {
  const phases = (['onRequest', 'onResponse', 'onConnection'] as const).flatMap((phase) => {
    const step = filter[phase] === undefined ? undefined : stepOf(phase)
    return step === undefined ? [] : [[phase, step] as const]
  })
  if (phases.length === 0) return filter
  const made = bound(filter)
  for (const [phase, observedStep] of phases) {
    // Each phase gets its own arguments and gives its own result; the meter looks at neither.
    const run = made[phase] as (exchange: Exchange, ...rest: unknown[]) => unknown
    // A response filter replaces what there is; it answers nothing.
    const outcomeOf = phase === 'onResponse' ? passes : answers
    const step = (exchange: Exchange, response: unknown): unknown => {
      if (isIgnored(observedStep, exchange)) return run(exchange, response)
      const measured = beginRun(observedStep, exchange)
      let result: unknown
      try {
        result = run(exchange, response)
      } catch (error) {
        failRun(observedStep, measured, exchange, error)
        throw error
      }
      return followRun(observedStep, measured, exchange, result, outcomeOf)
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

function observedAround(middleware: Around, stepOf: StepOf): Around {
  const step = stepOf('around')
  if (step === undefined) return middleware
  const { patienceMs } = middleware
  return {
    ...(patienceMs !== undefined && { patienceMs }),
    around(ctx, next) {
      if (isIgnored(step, ctx)) return middleware.around(ctx, next)
      const run = beginRun(step, ctx)
      let passed = false
      const inner: Handler = (exchange) => {
        passed = true
        run?.leave()
        const response = next(exchange)
        if (!isThenable(response)) {
          run?.back()
          return response
        }
        return response.then((settled) => {
          run?.back()
          return settled
        })
      }
      let result: Awaitable<GatewayResponse>
      try {
        result = middleware.around(ctx, inner)
      } catch (error) {
        failRun(step, run, ctx, error)
        throw error
      }
      return followRun(step, run, ctx, result, () => (passed ? 'passed' : 'answered'))
    },
    ...(middleware.onSkip !== undefined && { onSkip: middleware.onSkip.bind(middleware) }),
  }
}
