/**
 * `headers` middleware: sets, appends and removes header fields.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { headers } from './headers.ts'

export { requestId } from '@gatewright/identity'
export { headers } from './headers.ts'
export type { Fields, HeadersOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-headers',
  setup(gateway) {
    gateway.middlewares.register(headers)
  },
})
