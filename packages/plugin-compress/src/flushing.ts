import type { GatewayResponse, RequestContext } from '@gatewright/kernel'
import type { Encoder } from './encoder.ts'

/** Sends every piece when it comes: an event may be complete in the middle of one. */
export function flushEvents(response: GatewayResponse, encoderOf: () => Encoder | undefined): void {
  let planned = false
  response.observeBody(() => {
    if (planned) return
    planned = true
    // The bytes reach the encoder after this call.
    setImmediate(() => {
      planned = false
      encoderOf()?.flush()
    })
  })
}

/** Sends what there is whenever nothing more has come for a while. */
export function flushPauses(
  ctx: RequestContext,
  response: GatewayResponse,
  encoderOf: () => Encoder | undefined,
  pauseMs: number,
): void {
  let timer: NodeJS.Timeout | undefined
  ctx.defer(() => clearTimeout(timer))
  response.observeBody(() => {
    if (timer === undefined) timer = setTimeout(() => encoderOf()?.flush(), pauseMs).unref()
    else timer.refresh()
  })
}
