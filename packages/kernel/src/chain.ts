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
import { errors } from './errors.ts'
import { badResult, pluginFailure } from './failure.ts'
import type { Around, FailurePolicy, Filter, Handler, Middleware } from './middleware.ts'
import type { RequestContext } from './request-context.ts'
import { GatewayResponse } from './response.ts'
import { Waiter, waitFor } from './waiter.ts'

/** A middleware as part of a chain. */
export interface ChainLink {
  /** Whose it is, for messages: `middleware "auth" of plugin "gatewright-plugin-auth"`. */
  readonly owner: string
  /** What answers, for logs: `middleware "auth"`. Default: the owner. */
  readonly name?: string
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
      filters.push({ ...link, middleware })
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
  return (ctx) => new AroundCall(ctx, owner, inner, middleware).run()
}

/** One call of an around. */
class AroundCall {
  readonly #ctx: RequestContext
  readonly #owner: string
  readonly #inner: Handler
  readonly #middleware: Around
  readonly #waiter: Waiter
  /** What `next` gave last: nobody else can free its body if the around fails. */
  #last: GatewayResponse | undefined = undefined

  constructor(ctx: RequestContext, owner: string, inner: Handler, middleware: Around) {
    this.#ctx = ctx
    this.#owner = owner
    this.#inner = inner
    this.#middleware = middleware
    this.#waiter = new Waiter(ctx, owner, 'around', middleware.patienceMs)
  }

  run(): Awaitable<GatewayResponse> {
    try {
      const result: unknown = this.#middleware.around(this.#ctx, (ctx) => this.#next(ctx))
      if (!isThenable(result)) return this.#checked(result)
      return this.#waiter.follow(result).then(
        (response) => this.#checked(response),
        (error) => this.#fail(error),
      )
    } catch (error) {
      return this.#fail(error)
    }
  }

  #next(ctx: RequestContext): Awaitable<GatewayResponse> {
    if (this.#waiter.expired) {
      // The client has got its answer; nothing may be sent for it any more.
      const problem = `${this.#owner} went on after its time was over`
      return ctx.fail(errors.GW_INTERNAL({ problem }))
    }
    this.#waiter.enter()
    const response = this.#inner(ctx)
    if (!isThenable(response)) return this.#back(response)
    return response.then((settled) => this.#back(settled))
  }

  #back(response: GatewayResponse): GatewayResponse {
    this.#waiter.leave()
    this.#last = response
    return response
  }

  #checked(result: unknown): GatewayResponse {
    if (result instanceof GatewayResponse) return result
    return this.#fail(badResult(this.#owner, 'around', 'a GatewayResponse', result))
  }

  #fail(error: unknown): GatewayResponse {
    this.#last?.discard()
    return this.#ctx.fail(pluginFailure(error, this.#owner, 'around'))
  }
}

/** @param filters The last one first. */
function fuse(filters: readonly FilterLink[], next: Handler): Handler {
  if (filters.length === 0) return next
  const run = new FilterRun(filters.toReversed(), next)
  return (ctx) => run.enter(ctx, 0, undefined)
}

type Response = Awaitable<GatewayResponse>
/** Where the response of an exchange goes that had to wait; one for all of its waits. */
type Outcome = Completion<GatewayResponse>

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

  enter(ctx: RequestContext, from: number, outcome: Outcome | undefined): Response {
    for (let i = from; i < this.#filters.length; i++) {
      const link = this.#filters[i]
      if (link?.middleware.onRequest === undefined) continue
      let result: unknown
      try {
        result = link.middleware.onRequest(ctx)
        if (isThenable(result)) return this.#waitIn(ctx, i, link, result, outcome)
      } catch (error) {
        return this.#refuse(ctx, i, link, error, outcome)
      }
      if (result === undefined || result === null) continue
      return this.#answer(ctx, i, link, result, outcome)
    }
    const response = this.#next(ctx)
    if (this.#lastOut < 0) return response
    if (!isThenable(response)) return this.#leave(ctx, response, this.#lastOut, outcome)
    return response.then((settled) => this.#leave(ctx, settled, this.#lastOut, undefined))
  }

  #waitIn(
    ctx: RequestContext,
    index: number,
    link: FilterLink,
    pending: PromiseLike<unknown>,
    outcome: Outcome = new Completion(),
  ): Response {
    waitFor(ctx, link.owner, 'onRequest', pending, link.middleware.patienceMs).then(
      (result) =>
        result === undefined || result === null
          ? deliver(outcome, this.enter(ctx, index + 1, outcome))
          : deliver(outcome, this.#answer(ctx, index, link, result, outcome)),
      (error) => deliver(outcome, this.#refuse(ctx, index, link, error, outcome)),
    )
    return outcome
  }

  #answer(
    ctx: RequestContext,
    index: number,
    link: FilterLink,
    result: unknown,
    outcome: Outcome | undefined,
  ): Response {
    if (!(result instanceof GatewayResponse)) {
      const error = badResult(link.owner, 'onRequest', 'a GatewayResponse or nothing', result)
      return this.#refuse(ctx, index, link, error, outcome)
    }
    ctx.answeredBy = link.name ?? link.owner
    return this.#leave(ctx, result, index - 1, outcome)
  }

  #refuse(
    ctx: RequestContext,
    index: number,
    link: FilterLink,
    error: unknown,
    outcome: Outcome | undefined,
  ): Response {
    ctx.answeredBy = link.name ?? link.owner
    const response = ctx.fail(pluginFailure(error, link.owner, 'onRequest'))
    return this.#leave(ctx, response, index - 1, outcome)
  }

  #leave(
    ctx: RequestContext,
    from: GatewayResponse,
    start: number,
    outcome: Outcome | undefined,
  ): Response {
    let response = from
    for (let i = start; i >= 0; i--) {
      const link = this.#filters[i]
      if (link?.middleware.onResponse === undefined) continue
      try {
        const result: unknown = link.middleware.onResponse(ctx, response)
        if (isThenable(result)) return this.#waitOut(ctx, i, link, response, result, outcome)
        response = replacement(ctx, link, response, result)
      } catch (error) {
        response = failOut(ctx, link, response, error)
      }
    }
    return response
  }

  #waitOut(
    ctx: RequestContext,
    index: number,
    link: FilterLink,
    response: GatewayResponse,
    pending: PromiseLike<unknown>,
    outcome: Outcome = new Completion(),
  ): Response {
    const goOn = (next: GatewayResponse): void =>
      deliver(outcome, this.#leave(ctx, next, index - 1, outcome))
    waitFor(ctx, link.owner, 'onResponse', pending, link.middleware.patienceMs).then(
      (result) => goOn(replacement(ctx, link, response, result)),
      (error) => goOn(failOut(ctx, link, response, error)),
    )
    return outcome
  }
}

/** Not nested in each other, so that a chain of any length is no deeper than one step. */
function deliver(outcome: Outcome, response: Response): void {
  if (response === outcome) return
  if (isThenable(response)) outcome.follow(response)
  else outcome.resolve(response)
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
