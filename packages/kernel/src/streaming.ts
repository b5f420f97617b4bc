/**
 * What plugins tell each other of responses that stream.
 *
 * @module
 */

import type { BodySource } from './body.ts'
import { PassingStage } from './body-stages.ts'
import { ContextKey } from './exchange.ts'
import type { RequestContext } from './request-context.ts'
import type { GatewayResponse } from './response.ts'

/**
 * `performance.now()` when the first byte of the response body came. Set for the responses that
 * {@link timeFirstByte} was called for, once it has come.
 */
export const firstByteAt: ContextKey<number> = new ContextKey('response.first-byte-at')

/**
 * Set if each piece of the response matters by itself, as events do: whatever holds bytes back, such
 * as a compressor, must pass each piece on when it comes.
 */
export const passPiecesOn: ContextKey<true> = new ContextKey('response.pass-pieces-on')

/** Sets {@link firstByteAt} when the first byte of the body comes. Nothing happens without a body. */
export function timeFirstByte(ctx: RequestContext, response: GatewayResponse): void {
  response.wrapBody((source) => new FirstByteStage(source, ctx))
}

/** Looks at the clock once. */
class FirstByteStage extends PassingStage {
  #ctx: RequestContext | undefined

  constructor(source: BodySource, ctx: RequestContext) {
    super(source)
    this.#ctx = ctx
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#ctx !== undefined && end > start) {
      noteFirstByte(this.#ctx)
      this.#ctx = undefined
    }
    return this.sink?.write(bytes, start, end) ?? false
  }
}

/** Sets {@link firstByteAt} unless somebody has done so: the first byte of the body is here. */
export function noteFirstByte(ctx: RequestContext): void {
  if (ctx.get(firstByteAt) === undefined) ctx.set(firstByteAt, performance.now())
}
