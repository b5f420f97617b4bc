import type { JsonSchema } from '@gatewright/kernel'

const integer: JsonSchema = { type: 'integer' }
const text: JsonSchema = { type: 'string' }

const service: JsonSchema = {
  type: 'object',
  properties: {
    url: text,
    load_balancer: {
      type: 'object',
      properties: {
        strategy: text,
        servers: {
          type: 'array',
          items: { type: 'object', properties: { url: text, weight: integer } },
        },
        health_check: { type: 'object', properties: { path: text } },
      },
    },
  },
}

const middleware: JsonSchema = {
  type: 'object',
  properties: {
    type: text,
    value: text,
    rate: integer,
    burst: integer,
    ratio: { type: 'number' },
    enabled: { type: 'boolean' },
    timeout: { duration: true },
    max_body: { bytes: true },
    prefixes: { type: 'array', items: text },
    codes: { type: 'array', items: integer },
    request_headers: { type: 'object', additionalProperties: text },
    targets: { type: 'object', additionalProperties: service },
  },
}

/** A little of what a gateway's configuration may contain. */
export const gatewaySchema: JsonSchema = {
  type: 'object',
  properties: {
    shutdown_timeout_secs: integer,
    entrypoints: { type: 'object', additionalProperties: { type: 'object', properties: {} } },
    routers: { type: 'object', additionalProperties: { type: 'object', properties: {} } },
    services: { type: 'object', additionalProperties: service },
    middlewares: { type: 'object', additionalProperties: middleware },
    providers: { type: 'object', properties: {} },
  },
}
