/**
 * The keys that every middleware has: `skip_paths` and `dry_run`. The kernel obeys them, so that no
 * middleware has to.
 *
 * @module
 */
import type { Logger } from 'pino'
import { type Awaitable, isThenable } from './awaitable.ts'
import type { CommonKeys } from './blueprint.ts'
import { asGatewayError } from './errors.ts'
import { ContextKey } from './exchange.ts'
import type { Around, Filter, Middleware } from './middleware.ts'
import type { RequestContext } from './request-context.ts'
import { GatewayResponse } from './response.ts'

/** The middleware with the common keys applied; the same object if none is set. */
export function applyCommonKeys(middleware: Middleware, keys: CommonKeys, log: Logger): Middleware {
  const tried =
    keys.dry_run && middleware.around === undefined ? dryRun(middleware, log) : middleware
  if (keys.skip_paths.length === 0) return tried
  return tried.around === undefined
    ? skipFilter(tried, keys.skip_paths)
    : skipAround(tried, keys.skip_paths)
}

function skipAround(middleware: Around, prefixes: readonly string[]): Around {
  return {
    around: (ctx, next) => (isSkipped(ctx, prefixes) ? next(ctx) : middleware.around(ctx, next)),
  }
}

function skipFilter(middleware: Filter, prefixes: readonly string[]): Filter {
  // The path may be another one by the time of the response.
  const skipped = new ContextKey<boolean>('skipped')
  const filter: Filter = {
    onRequest(ctx) {
      const skips = isSkipped(ctx, prefixes)
      if (skips || ctx.get(skipped) === true) ctx.set(skipped, skips)
      return skips ? undefined : middleware.onRequest?.(ctx)
    },
  }
  if (middleware.onResponse !== undefined) {
    filter.onResponse = (ctx, response) =>
      ctx.get(skipped) === true ? undefined : middleware.onResponse?.(ctx, response)
  }
  if (middleware.onConnection !== undefined) {
    filter.onConnection = (ctx) => middleware.onConnection?.(ctx)
  }
  return filter
}

function isSkipped(ctx: RequestContext, prefixes: readonly string[]): boolean {
  const { path } = ctx.request
  return prefixes.some((prefix) => path.startsWith(prefix))
}

/** Lets pass what the filter would reject, and says so. */
function dryRun(middleware: Filter, log: Logger): Filter {
  const notRejected = (
    ctx: RequestContext,
    status: number,
    code: string | undefined,
  ): undefined => {
    log.info({ router: ctx.route?.router, status, code }, 'dry run: would have rejected')
  }
  const passed = (ctx: RequestContext, result: unknown): undefined => {
    if (!(result instanceof GatewayResponse)) return undefined
    result.discard()
    return notRejected(ctx, result.status, result.error?.code)
  }
  const failed = (ctx: RequestContext, error: unknown): undefined => {
    const { status, code } = asGatewayError(error)
    return notRejected(ctx, status, code)
  }
  const filter: Filter = {}
  if (middleware.onRequest !== undefined) {
    filter.onRequest = (ctx): Awaitable<undefined> => {
      try {
        const result = middleware.onRequest?.(ctx)
        if (!isThenable(result)) return passed(ctx, result)
        return result.then(
          (settled) => passed(ctx, settled),
          (error: unknown) => failed(ctx, error),
        )
      } catch (error) {
        return failed(ctx, error)
      }
    }
  }
  if (middleware.onResponse !== undefined) {
    filter.onResponse = (ctx, response) => middleware.onResponse?.(ctx, response)
  }
  if (middleware.onConnection !== undefined) {
    filter.onConnection = (ctx): Awaitable<undefined> => {
      const note = (refusal: unknown): undefined => {
        if (refusal !== undefined && refusal !== null) {
          log.info({ refusal }, 'dry run: would have refused the connection')
        }
      }
      try {
        const refusal = middleware.onConnection?.(ctx)
        return isThenable(refusal) ? refusal.then(note, note) : note(refusal)
      } catch (error) {
        return note(error)
      }
    }
  }
  return filter
}
