import { defineMiddleware, definePlugin } from '@gatewright/kernel'

const hello = defineMiddleware({
  type: 'hello',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({ onResponse: (_ctx, response) => response.headers.set('x-hello', 'world') }),
})

export default definePlugin({
  name: 'hello',
  setup: (gateway) => gateway.middlewares.register(hello),
})
