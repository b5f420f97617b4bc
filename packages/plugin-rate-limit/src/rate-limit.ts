import { defineMiddleware, type MiddlewareFactory } from '@gatewright/kernel'
import { createCost } from './cost.ts'
import { errors } from './errors.ts'
import { createKeySource } from './key/key-source.ts'
import { createLimiter } from './limiter.ts'
import { type RateLimitOptions, schema } from './options.ts'
import { announce, refuse, remember } from './visibility.ts'

/** The `rate-limit` middleware type. Counts in the memory of the process. */
export const rateLimit: MiddlewareFactory<RateLimitOptions> = defineMiddleware({
  type: 'rate-limit',
  schema,
  create(options, scope) {
    const keyOf = createKeySource(options)
    const costOf = createCost(options)
    const decide = createLimiter(options, scope)
    const { name } = scope
    return {
      onRequest(ctx) {
        const key = keyOf(ctx)
        if (key === undefined) return
        const verdict = decide(ctx, key, costOf(ctx))
        if (verdict === undefined) return
        remember(ctx, verdict, options.headers)
        if (verdict.allowed) return
        return refuse(ctx, errors.GW_RATE_LIMIT_EXCEEDED({ name }), verdict, options)
      },
      ...(options.headers && { onResponse: announce }),
    }
  },
})
