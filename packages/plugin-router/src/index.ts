/**
 * The rule language of routers, and an index over their rules.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { RequestInputs } from './input/request-inputs.ts'
import { ownMatchers } from './matchers/own-matchers.ts'
import { rulesRouting } from './routing.ts'

export type { RouterOptions } from './options.ts'
export { Pattern } from './pattern/pattern.ts'

export default definePlugin({
  name: '@gatewright/plugin-router',
  setup({ matchers, routings, log }) {
    const inputs = new RequestInputs()
    for (const matcher of ownMatchers(inputs)) matchers.register(matcher)
    routings.register(rulesRouting(matchers, inputs, log))
  },
})
