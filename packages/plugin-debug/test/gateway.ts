import { definePlugin, type Middleware, type Plugin } from '@gatewright/kernel'

/** What a client sends that wants a timeline. */
export const asked = { 'x-gatewright-trace': '1' }

/** Lets every client of these tests have one. */
export const allowed = 'debug {\n allow = ["127.0.0.0/8"]\n }\n'

/** A block for each of these types of middlewares, named after it. */
export function blocksOf(...types: readonly string[]): string {
  return types.map((type) => `middlewares "${type}" {\n type = "${type}"\n }\n`).join('')
}

/** Registers a middleware as its own type. */
export function scripted(type: string, middleware: Middleware): Plugin {
  return definePlugin({
    name: type,
    setup: (gateway) =>
      gateway.middlewares.register({
        type,
        schema: { type: 'object', additionalProperties: false, properties: {} },
        create: () => middleware,
      }),
  })
}

/** Taps what is called for requests. */
export function tapping(): Plugin {
  return definePlugin({
    name: 'tapping',
    setup: ({ hooks }) => {
      hooks.request.tap('tapping', () => undefined)
      hooks.upstream.tap('tapping', () => undefined)
      hooks.upstreamEnd.tap('tapping', () => undefined)
      hooks.response.tap('tapping', () => undefined)
      hooks.finish.tap('tapping', () => undefined)
    },
  })
}
