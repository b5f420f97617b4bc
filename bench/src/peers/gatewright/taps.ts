/**
 * A plugin that taps the hooks of the request path fifteen times and does nothing there: what a
 * gateway pays for having hooks in use.
 *
 * @module
 */
import type { Plugin } from '@gatewright/kernel'

const name = 'bench-taps'
const tapsPerHook = 3

const plugin: Plugin = {
  name,
  setup({ hooks }) {
    for (let i = 0; i < tapsPerHook; i++) {
      hooks.request.tap(`${name}-${i}`, nothing)
      hooks.upstream.tap(`${name}-${i}`, nothing)
      hooks.upstreamEnd.tap(`${name}-${i}`, nothing)
      hooks.response.tap(`${name}-${i}`, nothing)
      hooks.finish.tap(`${name}-${i}`, nothing)
    }
  },
}

function nothing(): undefined {}

// oxlint-disable-next-line import/no-default-export -- This is how a plugin is found.
export default plugin
