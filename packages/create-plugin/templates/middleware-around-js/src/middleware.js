import { defineMiddleware } from '@gatewright/kernel'
import { errors } from './errors.js'
import { schema } from './options.js'

/** @import { Options } from './options.js' */

/** The middleware type `my-plugin`. */
export const middleware = defineMiddleware({
  type: 'my-plugin',
  schema,
  /** @param {Options} options */
  create({ max }, scope) {
    // The same object after a reload, as requests that began before it still count.
    const waiting = scope.keep(`waiting:${scope.name}`, () => ({ count: 0, [Symbol.dispose]() {} }))
    return {
      // `next` runs the rest of the chain. It never rejects: failures are responses too.
      async around(ctx, next) {
        if (waiting.count >= max && !scope.dryRun) throw errors.GW_MY_PLUGIN_FULL({ max })
        waiting.count += 1
        try {
          return await next(ctx)
        } finally {
          waiting.count -= 1
        }
      },
    }
  },
})
