import { defineMiddleware, definePlugin } from '@gatewright/kernel'

interface HelloOptions {
  /** What the response says. */
  greeting: string
}

/** The middleware type `hello`: adds `X-Hello` to every response. */
const hello = defineMiddleware<HelloOptions>({
  type: 'hello',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      greeting: { type: 'string', default: 'hello', description: 'What the response says.' },
    },
  },
  create({ greeting }) {
    return {
      onResponse(_ctx, response) {
        response.headers.set('x-hello', greeting)
      },
    }
  },
})

export default definePlugin({
  name: 'hello',
  setup(gateway) {
    gateway.middlewares.register(hello)
  },
})
