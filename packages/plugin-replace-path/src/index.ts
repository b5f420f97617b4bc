/**
 * `replace-path` middleware: asks the service for one path, whatever the client asked for.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { replacePath } from './replace-path.ts'

export type { ReplacePathOptions } from './options.ts'
export { replacePath } from './replace-path.ts'

export default definePlugin({
  name: '@gatewright/plugin-replace-path',
  setup(gateway) {
    gateway.middlewares.register(replacePath)
  },
})
