/**
 * `compress` middleware: compresses responses while they are sent.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { compress } from './compress.ts'

export { compress } from './compress.ts'
export type { Coding, CompressOptions, Levels } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-compress',
  setup(gateway) {
    gateway.middlewares.register(compress)
  },
})
