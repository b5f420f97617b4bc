/**
 * `api-key` middleware: lets only requests pass that carry a known key.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { apiKey } from './api-key.ts'

export { apiKey } from './api-key.ts'
export type { ApiKeyOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-api-key',
  setup(gateway) {
    gateway.middlewares.register(apiKey)
  },
})
