import { definePlugin } from '@gatewright/kernel'
import { type Options, schema } from './options.ts'

export type { Options } from './options.ts'

/** Puts how long a request has taken on its response, and tells the log of slow ones. */
export default definePlugin<Options>({
  name: 'gatewright-plugin-my-plugin',
  schema,
  setup({ hooks, log }, { slow }) {
    // The response head is final, but not sent.
    hooks.response.tap('my-plugin', ({ startedAt }, response) => {
      const tookMs = performance.now() - startedAt
      response.headers.append('server-timing', `gateway;dur=${tookMs.toFixed(1)}`)
    })
    // Everything has been sent, or the client is gone: too late to change anything.
    hooks.finish.tap('my-plugin', ({ startedAt, route, clientAddress }) => {
      const tookMs = performance.now() - startedAt
      if (tookMs < slow) return
      log.warn({ tookMs, router: route?.router, client: clientAddress }, 'slow request')
    })
  },
})
