/**
 * The `onConnection` filters of a stream router: what `chain.ts` is for HTTP routers.
 *
 * @module
 */
import { isThenable } from './awaitable.ts'
import type { ChainLink } from './chain.ts'
import type { StreamContext } from './exchange.ts'
import { badResult, pluginFailure } from './failure.ts'
import type { Refusal } from './hooks.ts'
import { waitFor } from './waiter.ts'

/** One after the other, until one refuses. Never rejects. */
export function compileStreamChain(
  links: readonly ChainLink[],
): (ctx: StreamContext) => Promise<Refusal | undefined> {
  const filters = links.filter(({ middleware }) => middleware.onConnection !== undefined)
  return async (ctx) => {
    for (const { owner, middleware } of filters) {
      try {
        const pending = middleware.onConnection?.(ctx)
        const refusal: unknown = isThenable(pending)
          ? await waitFor(ctx, owner, 'onConnection', pending)
          : pending
        if (refusal === undefined || refusal === null) continue
        if (isRefusal(refusal)) return refusal
        throw badResult(owner, 'onConnection', 'a refusal or nothing', refusal)
      } catch (error) {
        return ctx.fail(pluginFailure(error, owner, 'onConnection'))
      }
    }
    return undefined
  }
}

/** Tells a refusal from nonsense. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'reason' in value
}
