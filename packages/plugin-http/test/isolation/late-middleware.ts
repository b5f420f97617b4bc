import { setImmediate as nextTurn } from 'node:timers/promises'
import { definePlugin, type Plugin, type RequestContext } from '@gatewright/kernel'
import { findForeign, Side } from './pattern.ts'
import type { Run } from './run.ts'

/**
 * A middleware that makes the gateway keep everything beyond the callback that brought it: it takes
 * its time, reads bodies as streams, and copies requests.
 */
export function latePlugin(run: Run): Plugin<undefined> {
  return definePlugin({
    name: 'late',
    setup: (gateway) =>
      gateway.middlewares.register({
        type: 'late',
        schema: { type: 'object', additionalProperties: false, properties: {} },
        create: () => ({
          around: async (ctx, next) => {
            await nextTurn()
            const id = Number(ctx.request.target.split('/').at(-1))
            const copied = id % 3 === 0 ? readCopy(ctx, run, id) : undefined
            if (id % 3 === 1) void ctx.request.body
            const response = await next(ctx)
            await nextTurn()
            if (id % 2 === 1) void response.body
            await copied
            return response
          },
        }),
      }),
  })
}

/** Reads a copy of the request beside the request. */
async function readCopy(ctx: RequestContext, run: Run, id: number): Promise<void> {
  const fork = ctx.fork(2 ** 22)
  const { target, body } = fork.request
  let offset = 0
  try {
    if (body === null || typeof body === 'string' || body instanceof Uint8Array) return
    for await (const piece of body) {
      // A stream of bytes gives nothing else.
      const bytes = piece as Buffer
      const foreign = findForeign(bytes, 0, bytes.length, Side.request, id, offset)
      run.check(`copy of request ${id}`, () => {
        if (foreign !== undefined || !target.endsWith(`/${id}`)) throw new Error(foreign ?? target)
      })
      offset += bytes.length
    }
  } catch {
    // The client broke off, or the upstream answered without having read the request.
  } finally {
    fork.end()
  }
}
