import { defineMiddleware, definePlugin, note } from '@gatewright/kernel'
import { EventNumbers } from './event-numbers.ts'

const middleware = defineMiddleware({
  type: 'sse-counter',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    onRequest({ request }) {
      // What is compressed could not be looked at.
      request.headers.delete('accept-encoding')
    },
    onResponse(ctx, response) {
      const { headers } = response
      if (!headers.get('content-type')?.startsWith('text/event-stream')) return
      if (headers.has('content-encoding')) return
      // Made when the body begins; bytes go through it one piece at a time, with back-pressure.
      response.transformBody(() => new EventNumbers((count) => note(ctx, 'events', count)))
    },
  }),
})

export default definePlugin({
  name: 'sse-counter',
  setup(gateway) {
    gateway.middlewares.register(middleware)
  },
})
