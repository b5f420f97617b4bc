import { type Attempt, GatewayResponse, type RequestContext } from '@gatewright/kernel'
import { CallLog } from '../fakes/call-log.ts'
import { collect } from './collect.ts'
import { MemoryRequest } from './memory-message.ts'
import {
  checkOutcome,
  failureOf,
  type MemoryReply,
  type Outcome,
  ownScript,
  responseOf,
  type Script,
  ScriptRun,
} from './memory-script.ts'

/** Takes the place of the upstream altogether, request body included. */
export type Terminal = (
  ctx: RequestContext,
  attempt: Attempt,
) => GatewayResponse | PromiseLike<GatewayResponse>

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
    return untilAborted(ctx, answer(ctx, request, outcome, attempt.endpoint.url.href))
  }
}

async function answer(
  ctx: RequestContext,
  request: MemoryRequest,
  first: Outcome,
  endpoint: string,
): Promise<GatewayResponse> {
  const failure = failureOf(first, endpoint)
  if (failure?.retryable === true) throw failure
  const source = ctx.request.takeBody()
  request.finish(source && (await collect(source, (bytes) => request.take(bytes))))
  return madeOf(await decide(first, request), endpoint)
}

/** What functions decide, down to what is none. What they throw has failed like what they return. */
async function decide(first: Outcome, request: MemoryRequest): Promise<Outcome> {
  let outcome = first
  try {
    while (typeof outcome === 'function') outcome = await outcome(request)
  } catch (error) {
    return asError(error)
  }
  return outcome
}

/** Rejects for a failure. */
function madeOf(outcome: Outcome, endpoint: string): GatewayResponse {
  checkOutcome(outcome)
  const failure = failureOf(outcome, endpoint)
  if (failure !== undefined) throw failure
  if (outcome instanceof GatewayResponse) return outcome
  if (typeof outcome === 'number') return responseOf({ status: outcome })
  // Nothing else is left of what was checked.
  return responseOf(outcome as MemoryReply)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
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
