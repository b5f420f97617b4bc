import type { OptionsSchema } from '@gatewright/kernel'

/** The keys of the `access_log` block. */
export interface AccessLogOptions {
  output: string
  format: 'json' | 'common' | 'combined'
  /** Only these; without it all. */
  fields?: string[]
  drop: string[]
  include_query: boolean
  redact_query: string[]
  headers: HeaderOptions
  status_codes: string[]
  min_duration: number
  sample_rate: number
  exclude_paths: string[]
  exclude_routers: string[]
  buffer_bytes: number
}

/** Which header fields are told. */
export interface HeaderOptions {
  request: string[]
  response: string[]
  redact: string[]
}

const fieldName = { type: 'string', minLength: 1, maxLength: 256 } as const

/** Checks an `access_log` block. */
export const accessLogSchema: OptionsSchema<AccessLogOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    output: {
      type: 'string',
      minLength: 1,
      default: 'stdout',
      description:
        '`stdout`, `stderr`, or a file, which is opened again on SIGUSR1, once something such as logrotate has moved it.',
    },
    format: {
      type: 'string',
      enum: ['json', 'common', 'combined'],
      default: 'json',
      description: 'A JSON object for each line, or one of the formats of web servers.',
    },
    fields: {
      type: 'array',
      items: fieldName,
      description: 'Of a JSON line: these fields and no others, in this order. Default: all.',
    },
    drop: {
      type: 'array',
      items: fieldName,
      default: [],
      description: 'Of a JSON line: not these fields.',
    },
    include_query: {
      type: 'boolean',
      default: false,
      description: 'Tell paths with their query, which may have secrets.',
    },
    redact_query: {
      type: 'array',
      items: fieldName,
      default: ['access_token', 'api_key', 'apikey', 'code', 'key', 'password', 'secret', 'token'],
      description: 'Parameters whose values are not told.',
    },
    headers: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Which header fields stand in a JSON line.',
      properties: {
        request: {
          type: 'array',
          items: fieldName,
          default: [],
          description: 'Fields of requests, under `request_headers`.',
        },
        response: {
          type: 'array',
          items: fieldName,
          default: [],
          description: 'Fields of responses, under `response_headers`.',
        },
        redact: {
          type: 'array',
          items: fieldName,
          default: ['authorization', 'cookie', 'proxy-authorization', 'set-cookie', 'x-api-key'],
          description: 'Of these only that they were there.',
        },
      },
    },
    status_codes: {
      type: 'array',
      items: { type: 'string', pattern: '^[1-5][0-9][0-9](-[1-5][0-9][0-9])?$' },
      default: [],
      description: 'Only requests with these statuses, such as `["400-599"]`. Default: all.',
    },
    min_duration: {
      duration: { allowZero: true },
      default: '0s',
      description: 'Only requests that took so long, or failed.',
    },
    sample_rate: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 1,
      description: 'Which part of the requests is told; those that failed always are.',
    },
    exclude_paths: {
      type: 'array',
      items: { type: 'string', pattern: '^/' },
      default: [],
      description:
        'Paths that are not told, such as those of probes: `/health`, or with a `/` at the end all that begin so.',
    },
    exclude_routers: {
      type: 'array',
      items: fieldName,
      default: [],
      description: 'Routers whose requests are not told.',
    },
    buffer_bytes: {
      bytes: true,
      default: '4MiB',
      description:
        'What may wait to be written; lines above that are dropped and counted, so that nobody waits for a disk.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'A file of failures and slow requests',
      hcl: `access_log {
  output       = "access.log"
  status_codes = ["400-599"]
  min_duration = "2s"
  drop         = ["user_agent"]

  headers {
    request = ["x-tenant"]
  }
}
`,
    },
  ],
}
