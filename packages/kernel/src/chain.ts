/**
 * Compiles the middlewares of a router (or the features of a service) into one handler.
 *
 * Filters that stand next to each other are fused into one loop on the way in and one on the way
 * out; both stay synchronous until a filter returns something to wait for. An around gets the
 * compiled rest as its `next`. Nothing is allocated per exchange for filters that finish at once.
 *
 * @module
 */
import { type Awaitable, Completion, isThenable } from './awaitable.ts'
import { badResult, pluginFailure } from './failure.ts'
import type { Around, FailurePolicy, Filter, Handler, Middleware } from './middleware.ts'
import type { RequestContext } from './request-context.ts'
import { GatewayResponse } from './response.ts'
import { Waiter } from './waiter.ts'

/** A middleware as part of a chain. */
export interface ChainLink {
  /** Whose it is, for messages: `middleware "auth"`. */
  readonly owner: string
  readonly middleware: Middleware
  readonly failure?: FailurePolicy
  /** Told of a failure that the policy lets pass. */
  readonly onIgnoredFailure?: (error: unknown) => void
}

type FilterLink = ChainLink & { readonly middleware: Filter }

/** First in the list outermost. The handler never throws and never rejects. */
export function compileChain(links: readonly ChainLink[], terminal: Handler): Handler {
  let next = guard(terminal)
  let filters: FilterLink[] = []
  for (const link of links.toReversed()) {
    const { middleware } = link
    if (middleware.around === undefined) {
      filters.unshift({ ...link, middleware })
      continue
    }
    next = surround(link.owner, middleware, fuse(filters, next))
    filters = []
  }
  return fuse(filters, next)
}

/** Turns what a handler throws or rejects with into a response. */
function guard(handler: Handler): Handler {
  return (ctx) => {
    try {
      const response = handler(ctx)
      if (!isThenable(response)) return response
      return response.then(undefined, (error: unknown) => ctx.fail(error))
    } catch (error) {
      return ctx.fail(error)
    }
  }
}

function surround(owner: string, middleware: Around, inner: Handler): Handler {
  const next: Handler = (ctx) => {
    const { waiter } = ctx
    waiter?.enter()
    const response = inner(ctx)
    if (!isThenable(response)) return leaveInside(ctx, waiter, response)
    return response.then((settled) => leaveInside(ctx, waiter, settled))
  }
  return (ctx) => {
    const outer = ctx.waiter
    const completion = new Completion<unknown>()
    ctx.waiter = new Waiter(owner, 'around', completion)
    let result: unknown
    try {
      result = middleware.around(ctx, next)
    } catch (error) {
      ctx.waiter = outer
      return ctx.fail(pluginFailure(error, owner, 'around'))
    }
    if (!isThenable(result)) {
      ctx.waiter = outer
      return checkedResponse(ctx, owner, result)
    }
    result.then(
      (response) => {
        // Too late: the exchange was answered without it.
        if (!completion.pending && response instanceof GatewayResponse) response.discard()
        completion.resolve(response)
      },
      (error: unknown) => completion.reject(error),
    )
    return completion.then(
      (response) => {
        ctx.waiter = outer
        return checkedResponse(ctx, owner, response)
      },
      (error) => {
        ctx.waiter = outer
        return ctx.fail(pluginFailure(error, owner, 'around'))
      },
    )
  }
}

function leaveInside(
  ctx: RequestContext,
  waiter: Waiter | undefined,
  response: GatewayResponse,
): GatewayResponse {
  waiter?.leave()
  ctx.waiter = waiter
  return response
}

function checkedResponse(ctx: RequestContext, owner: string, result: unknown): GatewayResponse {
  if (result instanceof GatewayResponse) return result
  return ctx.fail(badResult(owner, 'around', 'a GatewayResponse', result))
}

function fuse(filters: readonly FilterLink[], next: Handler): Handler {
  if (filters.length === 0) return next
  const run = new FilterRun(filters, next)
  return (ctx) => run.enter(ctx, 0)
}

/** Filters that stand next to each other in a chain. */
class FilterRun {
  readonly #filters: readonly FilterLink[]
  readonly #next: Handler
  /** The last filter that wants to see responses; -1 if none does. */
  readonly #lastOut: number

  constructor(filters: readonly FilterLink[], next: Handler) {
    this.#filters = filters
    this.#next = next
    this.#lastOut = filters.findLastIndex(({ middleware }) => middleware.onResponse !== undefined)
  }

  enter(ctx: RequestContext, from: number): Awaitable<GatewayResponse> {
    for (let i = from; i < this.#filters.length; i++) {
      const link = this.#filters[i]
      if (link?.middleware.onRequest === undefined) continue
      let result: unknown
      try {
        result = link.middleware.onRequest(ctx)
      } catch (error) {
        return this.#refuse(ctx, i, link.owner, error)
      }
      if (result === undefined || result === null) continue
      if (isThenable(result)) return this.#waitIn(ctx, i, link.owner, result)
      return this.#answer(ctx, i, link.owner, result)
    }
    const response = this.#next(ctx)
    if (this.#lastOut < 0) return response
    if (!isThenable(response)) return this.#leave(ctx, response, this.#lastOut)
    return response.then((settled) => this.#leave(ctx, settled, this.#lastOut))
  }

  #waitIn(
    ctx: RequestContext,
    index: number,
    owner: string,
    pending: PromiseLike<unknown>,
  ): Awaitable<GatewayResponse> {
    return waitFor(ctx, owner, 'onRequest', pending).then(
      (result) =>
        result === undefined || result === null
          ? this.enter(ctx, index + 1)
          : this.#answer(ctx, index, owner, result),
      (error) => this.#refuse(ctx, index, owner, error),
    )
  }

  #answer(
    ctx: RequestContext,
    index: number,
    owner: string,
    result: unknown,
  ): Awaitable<GatewayResponse> {
    if (!(result instanceof GatewayResponse)) {
      const error = badResult(owner, 'onRequest', 'a GatewayResponse or nothing', result)
      return this.#refuse(ctx, index, owner, error)
    }
    ctx.answeredBy = owner
    return this.#leave(ctx, result, index - 1)
  }

  #refuse(
    ctx: RequestContext,
    index: number,
    owner: string,
    error: unknown,
  ): Awaitable<GatewayResponse> {
    ctx.answeredBy = owner
    return this.#leave(ctx, ctx.fail(pluginFailure(error, owner, 'onRequest')), index - 1)
  }

  #leave(ctx: RequestContext, from: GatewayResponse, start: number): Awaitable<GatewayResponse> {
    let response = from
    for (let i = start; i >= 0; i--) {
      const link = this.#filters[i]
      if (link?.middleware.onResponse === undefined) continue
      let result: unknown
      try {
        result = link.middleware.onResponse(ctx, response)
      } catch (error) {
        response = failOut(ctx, link, response, error)
        continue
      }
      if (isThenable(result)) return this.#waitOut(ctx, i, link, response, result)
      response = replacement(ctx, link, response, result)
    }
    return response
  }

  #waitOut(
    ctx: RequestContext,
    index: number,
    link: FilterLink,
    response: GatewayResponse,
    pending: PromiseLike<unknown>,
  ): Awaitable<GatewayResponse> {
    return waitFor(ctx, link.owner, 'onResponse', pending).then(
      (result) => this.#leave(ctx, replacement(ctx, link, response, result), index - 1),
      (error) => this.#leave(ctx, failOut(ctx, link, response, error), index - 1),
    )
  }
}

/** What goes on outwards after `onResponse` returned `result`. */
function replacement(
  ctx: RequestContext,
  link: FilterLink,
  response: GatewayResponse,
  result: unknown,
): GatewayResponse {
  if (result === undefined || result === null) return response
  if (result instanceof GatewayResponse) return result
  const error = badResult(link.owner, 'onResponse', 'a GatewayResponse or nothing', result)
  return failOut(ctx, link, response, error)
}

/** What goes on outwards after `onResponse` failed. */
function failOut(
  ctx: RequestContext,
  link: FilterLink,
  response: GatewayResponse,
  error: unknown,
): GatewayResponse {
  if (link.failure?.response === 'open') {
    link.onIgnoredFailure?.(error)
    return response
  }
  response.discard()
  return ctx.fail(pluginFailure(error, link.owner, 'onResponse', 'out'))
}

/** Follows what a plugin returned, in sight of the sweep over pending work. */
export function waitFor(
  ctx: { waiter: Waiter | undefined },
  owner: string,
  where: string,
  pending: PromiseLike<unknown>,
): PromiseLike<unknown> {
  const outer = ctx.waiter
  const completion = new Completion<unknown>()
  ctx.waiter = new Waiter(owner, where, completion)
  const done = completion.then(
    (value) => {
      ctx.waiter = outer
      return value
    },
    (error) => {
      ctx.waiter = outer
      throw error
    },
  )
  completion.follow(pending)
  return done
}
