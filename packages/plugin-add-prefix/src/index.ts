/**
 * `add-prefix` middleware: puts a prefix in front of the path before a request is forwarded.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { addPrefix } from './add-prefix.ts'

export { addPrefix } from './add-prefix.ts'
export type { AddPrefixOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-add-prefix',
  setup(gateway) {
    gateway.middlewares.register(addPrefix)
  },
})
