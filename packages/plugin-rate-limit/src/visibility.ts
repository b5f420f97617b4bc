import {
  ContextKey,
  type GatewayError,
  GatewayResponse,
  type RequestContext,
} from '@gatewright/kernel'
import type { Verdict } from './meter/verdict.ts'

/**
 * The verdict about an exchange: of all limits that it passed, the one that leaves the least. For
 * access logs and metrics; unset if no limit concerned the request.
 */
export const rateLimitVerdict: ContextKey<Verdict> = new ContextKey('rate-limit.verdict')

/** The same of the limits that clients are told of. */
const toldVerdict: ContextKey<Verdict> = new ContextKey('rate-limit.told')

/**
 * Keeps the verdict on the exchange unless a tighter one is there.
 * @param told Whether the client may learn of this limit.
 */
export function remember(ctx: RequestContext, verdict: Verdict, told: boolean): void {
  keepTightest(ctx, rateLimitVerdict, verdict)
  if (told) keepTightest(ctx, toldVerdict, verdict)
}

function keepTightest(ctx: RequestContext, key: ContextKey<Verdict>, verdict: Verdict): void {
  const known = ctx.get(key)
  if (known !== undefined && verdict.allowed && known.remaining <= verdict.remaining) return
  ctx.set(key, verdict)
}

/** Puts the remembered verdict into the `RateLimit-*` fields, in place of what an upstream said. */
export function announce(ctx: RequestContext, { headers }: GatewayResponse): void {
  const verdict = ctx.get(toldVerdict)
  if (verdict === undefined) return
  headers.set('ratelimit-limit', String(verdict.limit))
  headers.set('ratelimit-remaining', String(verdict.remaining))
  if (verdict.resetMs !== undefined)
    headers.set('ratelimit-reset', String(seconds(verdict.resetMs)))
}

/** How a refused request is answered. */
export interface Refusing {
  readonly status: number
  /** Whether the `RateLimit-*` fields are sent; `Retry-After` always is. */
  readonly headers: boolean
}

/** The answer to a refused request. */
export function refuse(
  ctx: RequestContext,
  error: GatewayError,
  verdict: Verdict,
  { status, headers }: Refusing,
): GatewayResponse {
  const response = ctx.fail(error)
  response.status = status
  response.headers.set('retry-after', String(Math.max(1, seconds(verdict.retryMs))))
  if (headers) announce(ctx, response)
  return response
}

/** Rounded up, so that nobody comes too early; what a sum of fractions is off does not count. */
function seconds(ms: number): number {
  return Math.ceil(ms / 1000 - 1e-6)
}
