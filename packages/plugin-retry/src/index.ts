/**
 * `retry` middleware: sends a request again after a failure that another try may mend.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { retry } from './retry.ts'

export type { RetryOptions } from './options.ts'
export { type Retry, retries, retry } from './retry.ts'
export type { RetryReason } from './retry-policy.ts'

export default definePlugin({
  name: '@gatewright/plugin-retry',
  setup(gateway) {
    gateway.middlewares.register(retry)
  },
})
