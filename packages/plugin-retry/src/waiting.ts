import {
  type Awaitable,
  type GatewayError,
  type GatewayResponse,
  type Handler,
  isThenable,
  type RequestContext,
} from '@gatewright/kernel'

/** Waits, but no longer than until the signal aborts; the caller looks which it was. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal.addEventListener('abort', finish)
  })
}

/** Runs the inner part for at most `ms`. After that the answer is `makeError`, and the try is over. */
export function runWithin(
  ms: number,
  ctx: RequestContext,
  next: Handler,
  makeError: () => GatewayError,
): Awaitable<GatewayResponse> {
  const running = next(ctx)
  if (!isThenable(running)) return running
  return new Promise((resolve) => {
    let expired = false
    const timer = setTimeout(() => {
      expired = true
      const error = makeError()
      resolve(ctx.fail(error))
      // A transport that waits for a response head stops at once; a filter that is still at work
      // finds later that nobody wants its outcome.
      const { interruptible } = ctx
      ctx.interruptible = undefined
      interruptible?.interrupt(error)
    }, ms)
    void running.then((response) => {
      clearTimeout(timer)
      if (expired) response.discard()
      else resolve(response)
    })
  })
}
