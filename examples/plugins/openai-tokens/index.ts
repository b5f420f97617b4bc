import { defineMiddleware, definePlugin, figures, note } from '@gatewright/kernel'
import { UsageReader } from './usage-reader.ts'

interface Options {
  readonly tenant: string
}

/** By tenant; tenants come from the configuration, so there cannot be too many. */
const counted = new Map<string, { prompt: number; completion: number }>()

const middleware = defineMiddleware<Options>({
  type: 'openai-tokens',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      tenant: {
        type: 'string',
        default: 'all',
        description: 'Under which name the tokens are counted.',
      },
    },
  },
  create({ tenant }) {
    return {
      onRequest({ request }) {
        // What is compressed could not be looked at.
        request.headers.delete('accept-encoding')
      },
      onResponse(ctx, response) {
        if (response.status !== 200 || response.headers.has('content-encoding')) return
        const reader = new UsageReader()
        // Pieces go by as they come; nothing waits, and nothing is kept but the end.
        response.observeBody((bytes) => reader.push(bytes))
        ctx.defer(() => {
          const usage = reader.read()
          if (usage === undefined) return
          const { prompt, completion } = usage
          const sum = counted.get(tenant) ?? { prompt: 0, completion: 0 }
          counted.set(tenant, {
            prompt: sum.prompt + prompt,
            completion: sum.completion + completion,
          })
          note(ctx, 'tokens', prompt + completion)
        })
      },
    }
  },
})

export default definePlugin({
  name: 'openai-tokens',
  setup(gateway) {
    gateway.middlewares.register(middleware)
    gateway.registry(figures).register({
      type: 'openai_tokens_total',
      kind: 'counter',
      help: 'Tokens of models by tenant',
      labels: ['tenant', 'kind'],
      read: () =>
        [...counted].flatMap(([tenant, { prompt, completion }]) => [
          { labels: [tenant, 'prompt'], value: prompt },
          { labels: [tenant, 'completion'], value: completion },
        ]),
    })
  },
})
