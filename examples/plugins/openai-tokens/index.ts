import {
  ContextKey,
  defineMiddleware,
  definePlugin,
  type Exchange,
  figures,
  note,
  Stage,
} from '@gatewright/kernel'
import { UsageReader } from './usage-reader.ts'

interface Options {
  readonly tenant: string
}

/** By tenant; tenants come from the configuration, so there cannot be too many. */
type Counts = Map<string, { prompt: number; completion: number }>

/** Who reads along, and for whom. */
const reading: ContextKey<{ readonly tenant: string; readonly reader: UsageReader }> =
  new ContextKey('openai-tokens.reading')

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
        ctx.set(reading, { tenant, reader })
      },
    }
  },
})

/** Counts what was read, when the exchange is over. */
function settle(exchange: Exchange, counted: Counts): void {
  const { tenant = '', reader } = exchange.get(reading) ?? {}
  const usage = reader?.read()
  if (usage === undefined) return
  const { prompt, completion } = usage
  const sum = counted.get(tenant) ?? { prompt: 0, completion: 0 }
  counted.set(tenant, {
    prompt: sum.prompt + prompt,
    completion: sum.completion + completion,
  })
  note(exchange, 'tokens', prompt + completion)
}

export default definePlugin({
  name: 'openai-tokens',
  setup(gateway) {
    // Of this gateway, not of the module, which may serve several.
    const counted: Counts = new Map()
    gateway.middlewares.register(middleware)
    // However the exchange ends, and before logs are written, for which `ctx.defer` is too late.
    gateway.hooks.finish.tap({ name: 'openai-tokens', stage: Stage.early }, (exchange) =>
      settle(exchange, counted),
    )
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
