/**
 * What a configuration may say, but hardly means.
 *
 * @module
 */
import type { Logger } from 'pino'
import type { Blueprint, MiddlewarePlan, RouterPlan } from './blueprint.ts'

interface Piece {
  readonly router: string
  readonly middleware: string
  readonly advice: string
}

/** Warns of what stands oddly in routers; of the same once, until it has been put right. */
export class Advice {
  readonly #log: Logger
  #said: ReadonlySet<string> = new Set()

  constructor(log: Logger) {
    this.#log = log
  }

  /** Says what it has not said of the configuration before this one. */
  giveFor({
    routers,
    middlewares,
    warnings,
  }: Pick<Blueprint, 'routers' | 'middlewares' | 'warnings'>): void {
    const plans = new Map(middlewares.map((plan) => [plan.name, plan]))
    const pieces = routers.flatMap((router) => [...adviceFor(router, plans)])
    const said = new Set<string>()
    const say = (place: object, advice: string): void => {
      const id = JSON.stringify([place, advice])
      if (!this.#said.has(id) && !said.has(id)) this.#log.warn(place, advice)
      said.add(id)
    }
    for (const { message, path, ...rest } of warnings)
      say({ path: path.join('.'), ...rest }, message)
    for (const { advice, ...place } of pieces) say(place, advice)
    this.#said = said
  }
}

function* adviceFor(
  { name: router, middlewares }: RouterPlan,
  plans: ReadonlyMap<string, MiddlewarePlan>,
): Iterable<Piece> {
  for (const [index, middleware] of middlewares.entries()) {
    const before = middlewares.slice(0, index)
    if (before.includes(middleware)) {
      yield { router, middleware, advice: 'a middleware stands in a router more than once' }
    }
    const placed = before.flatMap((name) => {
      const plan = plans.get(name)
      return plan === undefined
        ? []
        : [{ name, type: plan.factory.type, dryRun: plan.common.dry_run }]
    })
    const advice = plans.get(middleware)?.factory.advise?.(placed)
    if (advice !== undefined) yield { router, middleware, advice }
  }
}
