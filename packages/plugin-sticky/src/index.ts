/**
 * The `sticky` block of services: each client stays at one server.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { sticky } from './sticky.ts'

export type { StickyOptions } from './options.ts'
export { sticky } from './sticky.ts'
export { type StickySession, StickyTable } from './sticky-table.ts'

export default definePlugin({
  name: '@gatewright/plugin-sticky',
  setup(gateway) {
    gateway.serviceFeatures.register(sticky)
  },
})
