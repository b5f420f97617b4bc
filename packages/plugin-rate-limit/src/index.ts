/**
 * `rate-limit` middleware: bounds how many requests each client may send.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { rateLimit } from './rate-limit.ts'

export { checkAmounts } from './check-amounts.ts'
export { type CostOptions, createCost } from './cost.ts'
export { createKeySource, type KeyOptions, type KeySource } from './key/key-source.ts'
export type { MeterTable } from './meter/meter-table.ts'
export { createMeters, type MeterOptions } from './meter/meters.ts'
export type { Verdict } from './meter/verdict.ts'
export { keySchema, type RateLimitOptions, rateSchema } from './options.ts'
export { rateLimit } from './rate-limit.ts'
export { announce, type Refusing, rateLimitVerdict, refuse, remember } from './visibility.ts'

export default definePlugin({
  name: '@gatewright/plugin-rate-limit',
  setup(gateway) {
    gateway.middlewares.register(rateLimit)
  },
})
