import { randomUUID } from 'node:crypto'
import {
  ContextKey,
  defineMiddleware,
  definePlugin,
  note,
  type RequestContext,
} from '@gatewright/kernel'

interface Options {
  readonly header: string
}

/** The id of a request, for other plugins: `ctx.get(requestId)`. */
export const requestId: ContextKey<string> = new ContextKey('request-id')

const middleware = defineMiddleware<Options>({
  type: 'request-id',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      header: {
        type: 'string',
        pattern: '^[a-z][a-z0-9-]*$',
        'x-gatewright-expected': 'the name of a header field in lower case',
        default: 'x-request-id',
        description: 'Where the service and the client find the id.',
      },
    },
  },
  create({ header }) {
    return {
      onRequest(ctx) {
        const id = idOfProxy(ctx, header) ?? randomUUID()
        ctx.set(requestId, id)
        note(ctx, 'request_id', id)
        ctx.request.headers.set(header, id)
      },
      onResponse(ctx, response) {
        const id = ctx.get(requestId)
        if (id !== undefined) response.headers.set(header, id)
      },
    }
  },
})

/** Clients may not choose what stands in the log; a proxy that the entrypoint trusts may. */
function idOfProxy({ connection, request }: RequestContext, header: string): string | undefined {
  if (connection.fromTrustedProxy !== true) return undefined
  const given = request.headers.get(header)
  return given !== undefined && /^[\w.-]{1,128}$/.test(given) ? given : undefined
}

export default definePlugin({
  name: 'request-id',
  setup(gateway) {
    gateway.middlewares.register(middleware)
  },
})
