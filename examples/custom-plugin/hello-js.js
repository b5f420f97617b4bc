/** The middleware type `hello`: adds `X-Hello` to every response. */
const hello = {
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
}

export default {
  name: 'hello',
  setup(gateway) {
    gateway.middlewares.register(hello)
  },
}
