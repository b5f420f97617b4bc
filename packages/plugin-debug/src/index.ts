/**
 * `debug` block: timelines of single requests, for those who may ask for them.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { type DebugOptions, debugSchema } from './options.ts'
import { TimelineRequests } from './timeline-requests.ts'

export type { DebugOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-debug',
  setup(gateway) {
    gateway.section<DebugOptions, void>({
      type: 'debug',
      labelled: false,
      schema: debugSchema,
      create: ({ allow }, scope) => scope.observeSteps(new TimelineRequests(allow, scope.log)),
    })
  },
})
