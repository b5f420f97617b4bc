import type { OptionsSchema } from '@gatewright/kernel'
import { type TlsOptions, tlsSchema } from '@gatewright/tls'
import { type ForwardedHeadersOptions, forwardedHeadersSchema } from './forwarded-options.ts'

/** Bounds of the HTTP engine on one entrypoint. */
export interface HttpLimitsOptions {
  /** A request head's size in bytes; above it 431. */
  max_header_bytes: number
  /** Header lines of a request; above it 431. */
  max_headers: number
  /** A request target's size in bytes; above it 414. */
  max_target_bytes: number
  /** From the first byte of a request head to its last. */
  header_timeout: number
  /** Without a byte of a request body. */
  upload_idle_timeout: number
  /** Without a byte of the response taken by the client. */
  write_timeout: number
  /** Between two requests on one connection. */
  keep_alive_timeout: number
  /** Bytes of a request body per second that a client must send on average; 0 means any. */
  min_upload_rate: number
  /** Bytes of a response per second that a client must take on average; 0 means any. */
  min_download_rate: number
  /** How long a client may be slower. */
  min_rate_grace: number
  /** Requests that one connection serves; 0 means without a bound. */
  max_requests_per_connection: number
  /** Offer HTTP/2 to clients with TLS. */
  h2: boolean
  /** Serve HTTP/2 in cleartext to clients that begin with it. */
  h2c: boolean
  /** HTTP/2: streams that a connection may have at once. */
  max_concurrent_streams: number
  /** HTTP/2: names and values of a request head, and 32 for each field; above it 431. */
  max_header_list_bytes: number
  /** HTTP/2: requests that a client may give up within 10 s; 0 means any number. */
  max_resets: number
  /** HTTP/2: SETTINGS that a client may send within 10 s; 0 means any number. */
  max_settings: number
  /** HTTP/2: PINGs that a client may send within 10 s; 0 means any number. */
  max_pings: number
}

/** When requests are refused because there is too much to do. */
export interface OverloadOptions {
  /** How late timers may be before requests are refused; 0 means ever so late. */
  max_event_loop_delay: number
  /** Requests at once; 0 means without a bound. */
  max_requests: number
}

/** The keys of an `entrypoints` block with `protocol = "http"`. */
export interface HttpEntrypointOptions {
  forwarded_headers: ForwardedHeadersOptions
  http: HttpLimitsOptions
  overload: OverloadOptions
  /** Without it, the entrypoint speaks cleartext. */
  tls?: TlsOptions
}

/** Checks the keys of an `entrypoints` block. */
export const entrypointSchema: OptionsSchema<HttpEntrypointOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    tls: tlsSchema,
    forwarded_headers: forwardedHeadersSchema,
    http: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Bounds of the HTTP engine.',
      properties: {
        max_header_bytes: {
          bytes: true,
          default: '16KiB',
          description: 'Size of a request head; above it 431.',
        },
        max_headers: {
          type: 'integer',
          minimum: 1,
          default: 100,
          description: 'Header lines of a request; above it 431.',
        },
        max_target_bytes: {
          bytes: true,
          default: '8KiB',
          description: 'Size of a request target; above it 414.',
        },
        header_timeout: {
          duration: true,
          default: '10s',
          description:
            'From the first byte of a request head to its last; then 408. Also how long a new connection may stay silent.',
        },
        upload_idle_timeout: {
          duration: true,
          default: '60s',
          description: 'Without a byte of a request body.',
        },
        write_timeout: {
          duration: true,
          default: '60s',
          description: 'Without a byte of the response taken by the client.',
        },
        keep_alive_timeout: {
          duration: true,
          default: '75s',
          description: 'Between two requests on one connection.',
        },
        min_upload_rate: {
          bytes: { allowZero: true },
          default: 0,
          description:
            'Bytes per second of a request body that a client must send on average; else 408. 0 means any.',
        },
        min_download_rate: {
          bytes: { allowZero: true },
          default: 0,
          description:
            'Bytes per second of a response that a client must take on average; else it is reset. 0 means any.',
        },
        min_rate_grace: {
          duration: true,
          default: '5s',
          description: 'How long a client may be slower than these rates.',
        },
        max_requests_per_connection: {
          type: 'integer',
          minimum: 0,
          default: 0,
          description: 'Requests that one connection serves; 0 means without a bound.',
        },
        h2: {
          type: 'boolean',
          default: true,
          description: 'Offer HTTP/2 to clients with TLS (ALPN), before HTTP/1.1.',
        },
        h2c: {
          type: 'boolean',
          default: true,
          description: 'Serve HTTP/2 in cleartext to clients that begin with it; else 505.',
        },
        max_concurrent_streams: {
          type: 'integer',
          minimum: 1,
          maximum: 10_000,
          default: 250,
          description: 'HTTP/2: requests that one connection may have at once.',
        },
        max_header_list_bytes: {
          bytes: true,
          default: '64KiB',
          description:
            'HTTP/2: names and values of a request head, and 32 bytes for each field; above it 431.',
        },
        max_resets: {
          type: 'integer',
          minimum: 0,
          default: 200,
          description:
            'HTTP/2: requests that a client may give up within 10 s; then its connection is closed. 0 means any number.',
        },
        max_settings: {
          type: 'integer',
          minimum: 0,
          default: 100,
          description:
            'HTTP/2: SETTINGS that a client may send within 10 s; then its connection is closed. 0 means any number.',
        },
        max_pings: {
          type: 'integer',
          minimum: 0,
          default: 500,
          description:
            'HTTP/2: PINGs that a client may send within 10 s; then its connection is closed. 0 means any number.',
        },
      },
    },
    overload: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'When requests are refused with 503 because there is too much to do.',
      properties: {
        max_event_loop_delay: {
          duration: { allowZero: true },
          default: '1s',
          description:
            'How late the event loop may be, twice after each other; 0 means any time. Ends after a second with less than half of it.',
        },
        max_requests: {
          type: 'integer',
          minimum: 0,
          default: 0,
          description: 'Requests at once; 0 means without a bound.',
        },
      },
    },
  },
}
