import { ContextKey, definePlugin, note, RequestContext, Stage } from '@gatewright/kernel'

interface Options {
  readonly cookie: string
  readonly routers: Record<string, string>
}

/** Set for requests that another router has got than the rules say; for other plugins. */
export const canary: ContextKey<boolean> = new ContextKey('canary')

export default definePlugin<Options>({
  name: 'canary-by-cookie',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['routers'],
    properties: {
      cookie: {
        type: 'string',
        pattern: '^[\\w-]+$',
        'x-gatewright-expected': 'the name of a cookie',
        default: 'canary',
        description: 'Clients with this cookie and the value 1 get the new version.',
      },
      routers: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'Which router takes the requests of which: old = new.',
      },
    },
  },
  setup({ hooks }, { cookie, routers }) {
    const chosen = new RegExp(`(?:^|;\\s*)${cookie}=1(?:;|$)`)
    // The rules of the routers are tried at the normal stage, and the first route counts.
    hooks.route.tap({ name: 'canary-by-cookie', stage: Stage.early }, (exchange) => {
      if (!(exchange instanceof RequestContext)) return undefined
      if (!chosen.test(exchange.request.headers.get('cookie') ?? '')) return undefined
      const { snapshot } = exchange
      const route = snapshot.findRoute(exchange)
      const other = route === undefined ? undefined : routers[route.router]
      // A reload may have taken the other one away; then the rules decide.
      const found = snapshot.routes.find(({ router }) => router === other)
      if (found === undefined) return undefined
      exchange.set(canary, true)
      note(exchange, 'canary', true)
      return found
    })
    hooks.response.tap('canary-by-cookie', (ctx, response) => {
      if (ctx.get(canary) === true) response.headers.append('vary', 'cookie')
    })
  },
})
