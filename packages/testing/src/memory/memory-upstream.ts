import {
  type Attempt,
  type Body,
  type BodySource,
  ContextKey,
  type GatewayError,
  GatewayResponse,
  isGatewayError,
  type RequestContext,
} from '@gatewright/kernel'
import { CallLog } from '../fakes/call-log.ts'
import type { FieldsInit } from '../wire/fields.ts'
import { collect } from './collect.ts'
import { headerListOf } from './header-list.ts'
import { MemoryRequest } from './memory-message.ts'

/** A response as a test writes it. */
export interface MemoryReply {
  /** Default 200. */
  readonly status?: number
  readonly headers?: FieldsInit
  /** Text and bytes get a `content-length` unless one is given. */
  readonly body?: Body | BodySource
  readonly trailers?: FieldsInit
}

/**
 * What the upstream does with one attempt: a status, a response, a failure, or a function that
 * decides once the request body is there, and may wait. A retryable failure leaves the body alone,
 * since it means that nothing was sent.
 */
export type Outcome =
  | number
  | MemoryReply
  | GatewayResponse
  | GatewayError
  | ((request: MemoryRequest) => Outcome | PromiseLike<Outcome>)

/** One outcome for all attempts, or one after the other, of which the last repeats. */
export type Script = Outcome | readonly Outcome[]

/** Takes the place of the upstream altogether, request body included. */
export type Terminal = (
  ctx: RequestContext,
  attempt: Attempt,
) => GatewayResponse | PromiseLike<GatewayResponse>

/** The outcomes of one request, which go before those of the upstream. */
export const ownScript: ContextKey<ScriptRun> = new ContextKey('testing.script')

/** A script and how far it has come. */
export class ScriptRun {
  readonly #script: Script
  #step = 0

  constructor(script: Script) {
    this.#script = script
  }

  next(): Outcome {
    const script = this.#script
    if (!isList(script)) return script
    return script[Math.min(this.#step++, script.length - 1)] ?? 200
  }
}

/** The only endpoint behind a mounted middleware. Answers 200 unless told otherwise. */
export class MemoryUpstream {
  readonly #log = new CallLog<MemoryRequest>()
  readonly #terminal: Terminal | undefined
  #script: ScriptRun

  constructor(script: Script = 200, terminal?: Terminal) {
    this.#script = new ScriptRun(script)
    this.#terminal = terminal
  }

  /** Every attempt that arrived, in that order. */
  get requests(): MemoryRequest[] {
    return this.#log.calls
  }

  /** Another script, from the next attempt on. */
  behave(script: Script): void {
    this.#script = new ScriptRun(script)
  }

  /** The first so many attempts, as soon as they are there. Throws GW_TESTING_WAITED after 5 s. */
  waitForRequests(count: number): Promise<readonly MemoryRequest[]> {
    return this.#log.waitFor(count)
  }

  /** Rejects as a transport does. @internal */
  async send(ctx: RequestContext, attempt: Attempt): Promise<GatewayResponse> {
    const request = new MemoryRequest(ctx, attempt)
    this.#log.add(request)
    if (this.#terminal !== undefined) return this.#terminal(ctx, attempt)
    const outcome = (ctx.get(ownScript) ?? this.#script).next()
    return untilAborted(ctx, answer(ctx, request, outcome))
  }
}

async function answer(
  ctx: RequestContext,
  request: MemoryRequest,
  first: Outcome,
): Promise<GatewayResponse> {
  if (isGatewayError(first) && first.retryable) throw first
  const source = ctx.request.takeBody()
  request.finish(source && (await collect(source, (bytes) => request.take(bytes))))
  let outcome = first
  while (typeof outcome === 'function') outcome = await outcome(request)
  if (isGatewayError(outcome)) throw outcome
  if (outcome instanceof GatewayResponse) return outcome
  return responseOf(typeof outcome === 'number' ? { status: outcome } : outcome)
}

function responseOf({ status = 200, headers = {}, body = null, trailers }: MemoryReply) {
  return new GatewayResponse({
    status,
    headers: headerListOf(headers, body),
    body,
    ...(trailers !== undefined && { trailers: Promise.resolve(headerListOf(trailers, null)) }),
  })
}

/** What an upstream still does for an exchange that was given up concerns nobody. */
async function untilAborted(
  ctx: RequestContext,
  answered: Promise<GatewayResponse>,
): Promise<GatewayResponse> {
  const { signal } = ctx
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([answered, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
    answered.then(
      (response) => signal.aborted && response.discard(),
      () => undefined,
    )
  }
}

function isList(script: Script): script is readonly Outcome[] {
  return Array.isArray(script)
}
