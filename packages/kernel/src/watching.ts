/**
 * Looking at one request from its begin to its head, with every step of it.
 *
 * @module
 */
import type { Logger } from 'pino'
import type { HookRunner } from './hook-runner.ts'
import type { RequestContext } from './request-context.ts'
import type { GatewayResponse } from './response.ts'
import type { Route } from './routing.ts'
import type { Step, StepObserver, StepOutcome } from './steps.ts'

/** Looks at one request. All of it must be quick; what says nothing else must not throw. */
export interface ExchangeWatch {
  /**
   * A step is over; those after the head, such as taps on `finish`, included.
   * @param startedAt `performance.now()`
   * @param ownMs Time that was its own, without what it waited for further in.
   */
  step(step: Step, outcome: StepOutcome, startedAt: number, ownMs: number): void
  /**
   * Its route was looked for.
   * @param startedAt `performance.now()`
   */
  routed(startedAt: number, tookMs: number): void
  /** What is sent is final; whatever is added to it now nobody takes away. Throwing is logged. */
  answered(response: GatewayResponse): void
}

/** Has those look at a request who want to, and keeps what they throw from it. @internal */
export function beginWatch(
  watchers: readonly StepObserver[],
  ctx: RequestContext,
  log: Logger,
): void {
  for (const watcher of watchers) {
    try {
      const watch = watcher.watch?.(ctx)
      if (watch === undefined) continue
      ctx.watch = ctx.watch === undefined ? watch : new TwoWatches(ctx.watch, watch)
    } catch (error) {
      log.error({ err: error }, 'an observer of requests failed')
    }
  }
}

/** The route of a request, as the hook finds it. @internal */
export function findRoute(
  hooks: Pick<HookRunner, 'route'>,
  ctx: RequestContext,
): Route | undefined {
  const { watch } = ctx
  if (watch === undefined) return hooks.route(ctx)
  const startedAt = performance.now()
  try {
    return hooks.route(ctx)
  } finally {
    watch.routed(startedAt, performance.now() - startedAt)
  }
}

/** Tells who looks at a request, if anybody does, of its answer. @internal */
export function tellAnswer(
  { watch }: RequestContext,
  response: GatewayResponse,
  log: Logger,
): void {
  if (watch === undefined) return
  try {
    watch.answered(response)
  } catch (error) {
    log.error({ err: error }, 'an observer of requests failed')
  }
}

class TwoWatches implements ExchangeWatch {
  readonly #first: ExchangeWatch
  readonly #second: ExchangeWatch

  constructor(first: ExchangeWatch, second: ExchangeWatch) {
    this.#first = first
    this.#second = second
  }

  step(step: Step, outcome: StepOutcome, startedAt: number, ownMs: number): void {
    this.#first.step(step, outcome, startedAt, ownMs)
    this.#second.step(step, outcome, startedAt, ownMs)
  }

  routed(startedAt: number, tookMs: number): void {
    this.#first.routed(startedAt, tookMs)
    this.#second.routed(startedAt, tookMs)
  }

  answered(response: GatewayResponse): void {
    this.#first.answered(response)
    this.#second.answered(response)
  }
}
