/**
 * `rate-limit-redis` middleware: bounds how many requests each client may send to several gateways
 * together.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { rateLimitRedis } from './rate-limit-redis.ts'

export type { RateLimitRedisOptions } from './options.ts'
export { rateLimitRedis } from './rate-limit-redis.ts'

export default definePlugin({
  name: '@gatewright/plugin-rate-limit-redis',
  setup(gateway) {
    gateway.middlewares.register(rateLimitRedis)
  },
})
