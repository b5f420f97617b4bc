import type { OptionsSchema } from '@gatewright/kernel'
import { type UpstreamTlsOptions, upstreamTlsSchema } from '@gatewright/tls'

/** The keys of a `load_balancer` block whose servers speak HTTP, whatever its version. */
export interface UpstreamOptions {
  /** To connect, and to wait for a connection if there may be no more. */
  connect_timeout: number
  /** From the last byte of the request to the response head. */
  request_timeout: number
  /** Without a byte of a body moving; 0 means without a bound. */
  stream_idle_timeout: number
  /** From the begin of an attempt to the end of its response; 0 means without a bound. */
  stream_total_timeout: number
  /** Send the host that the client asked for; else that of the server. */
  pass_host_header: boolean
  /** Connections to each server at once; 0 means without a bound. */
  max_connections_per_server: number
  /** Requests that may wait for a connection to each server; above it 503. */
  max_waiting_per_server: number
  /** How servers that speak TLS are recognised; without it, by what the system trusts. */
  upstream_tls?: UpstreamTlsOptions
}

/** The keys of a `load_balancer` block whose servers have the scheme `http` or `https`. */
export interface HttpTransportOptions extends UpstreamOptions {
  /** Whether and how requests share connections; `true` stands for the defaults. */
  pipeline: boolean | PipelineOptions
}

/** How requests share connections. */
export interface PipelineOptions {
  /** Shared connections to each server. */
  connections: number
  /** Requests that wait on one of them at once. */
  depth: number
  /** No request is queued behind one that has waited for longer. */
  head_of_line: number
}

/** What `pipeline = true` means. */
export const defaultPipeline: PipelineOptions = { connections: 2, depth: 32, head_of_line: 5 }

/** What transports for HTTP have in common. */
const upstreamProperties: OptionsSchema<UpstreamOptions>['properties'] = {
  connect_timeout: {
    duration: true,
    default: '5s',
    description:
      'To connect to a server; then 504. Also to wait for a connection if there may be no more; then 503.',
  },
  request_timeout: {
    duration: true,
    default: '30s',
    description: 'From the last byte of the request to the response head; then 504.',
  },
  stream_idle_timeout: {
    duration: { allowZero: true },
    default: '5m',
    description: 'Without a byte of a body moving to or from the server; 0 means without a bound.',
  },
  stream_total_timeout: {
    duration: { allowZero: true },
    default: '60m',
    description:
      'From the begin of an attempt to the end of its response; 0 means without a bound.',
  },
  pass_host_header: {
    type: 'boolean',
    default: true,
    description: 'Send the host that the client asked for; else that of the server.',
  },
  max_connections_per_server: {
    type: 'integer',
    minimum: 0,
    default: 0,
    description: 'Connections to each server at once; 0 means without a bound.',
  },
  max_waiting_per_server: {
    type: 'integer',
    minimum: 0,
    default: 1024,
    description: 'Requests that may wait for a connection to each server; above it 503.',
  },
  upstream_tls: upstreamTlsSchema,
}

/** Checks the keys of a `load_balancer` block. */
export const transportSchema: OptionsSchema<HttpTransportOptions> = {
  type: 'object',
  description:
    'How long servers may take, and how many connections they get, which are kept for the next request',
  additionalProperties: false,
  properties: {
    ...upstreamProperties,
    pipeline: {
      type: ['boolean', 'object'],
      additionalProperties: false,
      default: false,
      description:
        "GET and HEAD without a body share a few connections, on which they do not wait for each other's responses to be sent; `true` stands for a block with the defaults.",
      properties: {
        connections: {
          type: 'integer',
          minimum: 1,
          maximum: 4,
          default: defaultPipeline.connections,
          description: 'Shared connections to each server.',
        },
        depth: {
          type: 'integer',
          minimum: 2,
          maximum: 1000,
          default: defaultPipeline.depth,
          description: 'Requests that wait on one of them at once; more use other connections.',
        },
        head_of_line: {
          duration: true,
          default: `${defaultPipeline.head_of_line}ms`,
          description:
            'No request is queued behind one that has waited for longer; it uses another connection.',
        },
      },
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Impatient, and gentle with each server',
      hcl: `services "shop" {
  load_balancer {
    connect_timeout            = "1s"
    request_timeout            = "10s"
    max_connections_per_server = 100
    servers = [{ url = "http://127.0.0.1:9001" }]
  }
}
`,
    },
  ],
}

/** Checks the keys of a `load_balancer` block whose servers speak HTTP/2 only. */
export const http2TransportSchema: OptionsSchema<UpstreamOptions> = {
  type: 'object',
  description: 'How long servers of HTTP/2 may take, and how many connections they get',
  additionalProperties: false,
  properties: upstreamProperties,
}
