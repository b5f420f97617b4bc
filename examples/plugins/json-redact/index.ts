import { text } from 'node:stream/consumers'
import { defineMiddleware, definePlugin, type GatewayResponse } from '@gatewright/kernel'
import { errors } from './errors.ts'

interface Options {
  readonly keys: string[]
  readonly max_body_bytes: number
}

const middleware = defineMiddleware<Options>({
  type: 'json-redact',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['keys'],
    properties: {
      keys: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        minItems: 1,
        description:
          'Whatever has one of these names, at any depth, is replaced by `"[redacted]"`.',
      },
      max_body_bytes: {
        bytes: true,
        default: '1MiB',
        description: 'Larger bodies get 502 instead: what cannot be looked at is not passed on.',
      },
    },
  },
  create({ keys, max_body_bytes: max }) {
    const secret = new Set(keys)
    const redact = (key: string, value: unknown): unknown =>
      secret.has(key) ? '[redacted]' : value
    return {
      onRequest({ request: { headers } }) {
        // What is compressed, or a part of something, could not be looked at.
        headers.delete('accept-encoding')
        headers.delete('range')
      },
      async onResponse(_ctx, response) {
        if (!isJson(response)) return
        // Of the other content; to a HEAD there is no body, and its length would be wrong.
        response.headers.delete('etag')
        response.headers.delete('content-length')
        if (!response.hasBody) return
        if (response.headers.has('content-encoding')) throw errors.GW_JSON_REDACT_ENCODED()
        response.limitBody(max, () => errors.GW_JSON_REDACT_TOO_LARGE({ max }))
        response.body = JSON.stringify(parse(await textOf(response)), redact)
      },
    }
  },
})

function isJson({ headers }: GatewayResponse): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(headers.get('content-type') ?? '')
}

async function textOf({ body }: GatewayResponse): Promise<string> {
  if (body === null || typeof body === 'string') return body ?? ''
  return body instanceof Uint8Array ? Buffer.from(body).toString() : await text(body)
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // The message of `JSON.parse` quotes what it could not read, which may be the secret.
    throw errors.GW_JSON_REDACT_INVALID()
  }
}

export default definePlugin({
  name: 'json-redact',
  setup(gateway) {
    gateway.middlewares.register(middleware)
  },
})
