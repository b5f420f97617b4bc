import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_HTTP_CONNECT_REFUSED: {
    status: 405,
    source: 'client',
    message: () => 'the method CONNECT is not allowed here',
  },
  GW_HTTP2_MALFORMED: {
    status: 400,
    source: 'client',
    message: (p: { problem: string }) => p.problem,
  },
  GW_HTTP2_UNKNOWN_PROTOCOL: {
    status: 501,
    source: 'client',
    message: (p: { protocol: string }) => `":protocol" is "${p.protocol}", which nobody knows here`,
  },
  GW_HTTP2_NOT_SWITCHED: {
    status: 502,
    source: 'upstream',
    publicMessage: 'Bad gateway',
    message: (p: { status: number }) =>
      `a request to switch protocols was answered with ${p.status}; expected 101`,
  },
  GW_HTTP2_FLOOD: {
    status: 429,
    source: 'client',
    message: (p: { what: string; limit: number }) =>
      `the client sent more than ${p.limit} ${p.what} within 10 s`,
  },
  GW_HTTP_CLEARTEXT: {
    status: 400,
    source: 'client',
    message: () => 'this port speaks TLS; use https:// in place of http://',
  },
  GW_HTTP_MISDIRECTED: {
    status: 421,
    source: 'client',
    message: (p: { host: string; serverName: string }) =>
      `the connection was made for "${p.serverName}"; its certificate is not for "${p.host}"`,
    hint: 'the client has to open a connection for each of them',
  },
  GW_HTTP_ALPN_UNKNOWN: {
    status: 500,
    source: 'config',
    message: (p: { protocol: string; known: string }) =>
      `expected one of "${p.known}", found "${p.protocol}"`,
  },
  GW_HTTP_TLS_UNUSED: {
    status: 500,
    source: 'config',
    message: (p: { url: string; secure: string }) =>
      `"${p.url}" is not reached over TLS; expected "${p.secure}" beside upstream_tls`,
    hint: 'write "https://", "wss://" or "grpcs://" for servers that speak TLS; others go into a service without the block',
  },
  GW_HTTP_UPSTREAM_NO_SWITCH: {
    status: 502,
    source: 'upstream',
    retryable: true,
    publicMessage: 'Bad gateway',
    message: (p: { endpoint: string; protocol: string }) =>
      `"${p.endpoint}" does not let streams of HTTP/2 switch to "${p.protocol}"`,
    hint: 'enable extended CONNECT (RFC 8441) at the server, or reach it by "http://" or "https://"',
  },
  GW_HTTP_OVERLOADED: {
    status: 503,
    source: 'gateway',
    atCapacity: true,
    publicMessage: 'Gateway overloaded',
    message: () => 'the gateway has more to do than it can',
    hint: 'add processes or machines, or look for code that keeps the event loop busy',
  },
  GW_HTTP_IO_UNKNOWN: {
    status: 500,
    source: 'config',
    message: ({ choice, known }: IoParams) =>
      `GATEWRIGHT_IO: expected one of ${known}, found "${choice}"`,
  },
} as const satisfies Record<`GW_${string}`, ErrorKind<never>>

interface IoParams {
  readonly choice: string
  readonly known: string
}

/** The errors of HTTP entrypoints, and of servers in HTTP/2. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
