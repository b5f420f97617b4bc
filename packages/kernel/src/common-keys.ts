/**
 * Two of the keys that every middleware has: `skip_paths` and `dry_run`. The kernel obeys them, so
 * that no middleware has to. The third, `scope`, is the builder's.
 *
 * @module
 */
import type { Logger } from 'pino'
import { type Awaitable, isThenable } from './awaitable.ts'
import type { CommonKeys } from './blueprint.ts'
import { asGatewayError } from './errors.ts'
import { ContextKey, type StreamContext } from './exchange.ts'
import type { Around, Filter, Middleware } from './middleware.ts'
import { withNotes } from './notes.ts'
import type { RequestContext } from './request-context.ts'
import { GatewayResponse } from './response.ts'
import { SkippedPaths } from './skipped-paths.ts'

/** The middleware with the common keys applied; the same object if none is set. */
export function applyCommonKeys(middleware: Middleware, keys: CommonKeys, log: Logger): Middleware {
  const tried =
    keys.dry_run && middleware.around === undefined ? dryRun(middleware, log) : middleware
  if (keys.skip_paths.length === 0) return tried
  const skipped = new SkippedPaths(keys.skip_paths)
  return tried.around === undefined ? skipFilter(tried, skipped) : skipAround(tried, skipped)
}

function skipAround(middleware: Around, paths: SkippedPaths): Around {
  return {
    ...patienceOf(middleware),
    around(ctx, next) {
      if (!paths.include(ctx.request.path)) return middleware.around(ctx, next)
      const pending = middleware.onSkip?.(ctx)
      return isThenable(pending) ? pending.then(() => next(ctx)) : next(ctx)
    },
  }
}

function patienceOf({ patienceMs }: Middleware): Pick<Middleware, 'patienceMs'> {
  return patienceMs === undefined ? {} : { patienceMs }
}

function skipFilter(middleware: Filter, paths: SkippedPaths): Filter {
  // The path may be another one by the time of the response.
  const skipped = new ContextKey<boolean>('skipped')
  const filter: Filter = {
    ...patienceOf(middleware),
    onRequest(ctx) {
      const skips = paths.include(ctx.request.path)
      if (skips || ctx.get(skipped) === true) ctx.set(skipped, skips)
      return skips ? middleware.onSkip?.(ctx) : middleware.onRequest?.(ctx)
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

/** Lets pass what the filter would reject, and says so. */
function dryRun(middleware: Filter, log: Logger): Filter {
  const filter: Filter = patienceOf(middleware)
  // Rejects nothing anyway.
  if (middleware.onSkip !== undefined) filter.onSkip = (ctx) => middleware.onSkip?.(ctx)
  if (middleware.onRequest !== undefined) {
    filter.onRequest = (ctx) =>
      observed(
        () => middleware.onRequest?.(ctx),
        (result) => logResponse(log, ctx, result),
        (error) => logError(log, ctx, error),
      )
  }
  if (middleware.onResponse !== undefined) {
    filter.onResponse = (ctx, response) =>
      forgiven(
        () => middleware.onResponse?.(ctx, response),
        (error) => logError(log, ctx, error),
      )
  }
  if (middleware.onConnection !== undefined) {
    filter.onConnection = (ctx) => {
      const tell = (refusal: unknown): void => logRefusal(log, ctx, refusal)
      return observed(() => middleware.onConnection?.(ctx), tell, tell)
    }
  }
  return filter
}

/** Runs a step of which nothing comes out but what is noted. */
function observed(
  run: () => unknown,
  onResult: (result: unknown) => void,
  onError: (error: unknown) => void,
): Awaitable<void> {
  try {
    const result = run()
    if (isThenable(result)) return result.then(onResult, onError)
    onResult(result)
  } catch (error) {
    onError(error)
  }
}

/** Runs a step whose failure is noted and goes no further. */
function forgiven<T>(
  run: () => Awaitable<T>,
  onError: (error: unknown) => void,
): Awaitable<T | undefined> {
  const noted = (error: unknown): undefined => {
    onError(error)
  }
  try {
    const result = run()
    return isThenable(result) ? result.then(undefined, noted) : result
  } catch (error) {
    return noted(error)
  }
}

function logResponse(log: Logger, ctx: RequestContext, result: unknown): void {
  if (!(result instanceof GatewayResponse)) return
  result.discard()
  logRejection(log, ctx, result.status, result.error?.code)
}

function logError(log: Logger, ctx: RequestContext, error: unknown): void {
  const { status, code } = asGatewayError(error)
  logRejection(log, ctx, status, code)
}

function logRejection(log: Logger, ctx: RequestContext, status: number, code?: string): void {
  if (!log.isLevelEnabled('info')) return
  const { clientAddress, route } = ctx
  const fields = { router: route?.router, clientAddress, status, code }
  log.info(withNotes(log, ctx, fields), 'dry run: would have rejected')
}

function logRefusal(log: Logger, ctx: StreamContext, refusal: unknown): void {
  if (refusal === undefined || refusal === null || !log.isLevelEnabled('info')) return
  const { clientAddress, route } = ctx
  const fields = { router: route?.router, clientAddress, refusal }
  log.info(withNotes(log, ctx, fields), 'dry run: would have refused the connection')
}
