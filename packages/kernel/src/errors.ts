/**
 * The errors that the kernel itself raises, by code.
 *
 * @module
 */
import {
  defineErrors,
  type ErrorCatalogue,
  type ErrorKind,
  type GatewayError,
  isGatewayError,
  problemOf,
} from './gateway-error.ts'
import { pluginKinds } from './plugin-errors.ts'

const catalogue = {
  GW_NO_ROUTE: {
    status: 404,
    source: 'client',
    publicMessage: 'No route matched',
    message: (p: { target: string }) => `no route matches "${p.target}"`,
  },
  GW_BAD_REQUEST: {
    status: 400,
    source: 'client',
    message: (p: { problem: string }) => p.problem,
  },
  GW_BODY_TOO_LARGE: {
    status: 413,
    source: 'client',
    publicMessage: 'Request body too large',
    message: (p: { limit: number }) => `the body is larger than ${p.limit} bytes`,
  },
  GW_BODY_ABORTED: {
    status: 502,
    source: 'gateway',
    message: () => 'the body ended before it was complete',
  },
  GW_SERVICE_UNAVAILABLE: {
    status: 503,
    source: 'upstream',
    proxyStatus: 'destination_unavailable',
    publicMessage: 'No healthy backends',
    message: (p: { service: string }) => `service "${p.service}" has no available endpoint`,
  },
  GW_UPSTREAM_CONNECT: {
    status: 502,
    source: 'upstream',
    retryable: true,
    proxyStatus: 'connection_refused',
    publicMessage: 'Bad gateway',
    message: (p: { endpoint: string; problem: string }) =>
      `connect to "${p.endpoint}" failed: ${p.problem}`,
  },
  GW_UPSTREAM_CONNECT_TIMEOUT: {
    status: 504,
    source: 'upstream',
    retryable: true,
    proxyStatus: 'connection_timeout',
    publicMessage: 'Upstream timeout',
    message: (p: { endpoint: string; timeoutMs: number }) =>
      `connect to "${p.endpoint}" timed out after ${p.timeoutMs} ms`,
  },
  GW_UPSTREAM_BUSY: {
    status: 503,
    source: 'upstream',
    retryable: true,
    atCapacity: true,
    proxyStatus: 'connection_limit_reached',
    publicMessage: 'Backends at capacity',
    message: (p: { endpoint: string; waiting: number }) =>
      `"${p.endpoint}" has no free connection and ${p.waiting} requests wait for one`,
  },
  GW_UPSTREAM_RESPONSE_TIMEOUT: {
    status: 504,
    source: 'upstream',
    proxyStatus: 'http_response_timeout',
    publicMessage: 'Upstream timeout',
    message: (p: { endpoint: string; timeoutMs: number }) =>
      `"${p.endpoint}" sent no response head within ${p.timeoutMs} ms`,
  },
  GW_UPSTREAM_BODY_TIMEOUT: {
    status: 504,
    source: 'upstream',
    proxyStatus: 'http_response_timeout',
    publicMessage: 'Upstream timeout',
    message: (p: { endpoint: string; timeoutMs: number }) =>
      `"${p.endpoint}" did not go on with its response within ${p.timeoutMs} ms`,
  },
  GW_UPSTREAM_RESET: {
    status: 502,
    source: 'upstream',
    proxyStatus: 'connection_terminated',
    publicMessage: 'Bad gateway',
    message: (p: { endpoint: string; problem: string }) =>
      `"${p.endpoint}" closed the connection: ${p.problem}`,
  },
  GW_UPSTREAM_PROTOCOL: {
    status: 502,
    source: 'upstream',
    proxyStatus: 'http_protocol_error',
    publicMessage: 'Bad gateway',
    message: (p: { endpoint: string; problem: string }) =>
      `"${p.endpoint}" broke the protocol: ${p.problem}`,
  },
  GW_CLIENT_ABORTED: {
    status: 499,
    source: 'client',
    message: () => 'the client closed the connection before the response was complete',
  },
  GW_DRAINING: {
    status: 503,
    source: 'gateway',
    publicMessage: 'Gateway shutting down',
    message: () => 'the gateway gave up waiting for this exchange while it drained',
  },
  GW_OUT_OF_FILES: {
    status: 503,
    source: 'gateway',
    retryable: true,
    atCapacity: true,
    logIntervalMs: 10_000,
    proxyStatus: 'connection_limit_reached',
    publicMessage: 'Gateway overloaded',
    message: (p: { endpoint: string; problem: string }) =>
      `no connection to "${p.endpoint}": ${p.problem}, too many files and sockets are open; ` +
      'raise the limit of the gateway ("ulimit -n", or LimitNOFILE of systemd)',
  },
  GW_INTERNAL: {
    status: 500,
    source: 'gateway',
    proxyStatus: 'proxy_internal_error',
    message: (p: { problem: string }) => p.problem,
  },
  GW_INVALID_HEADER: {
    status: 500,
    source: 'gateway',
    message: (p: { name: string; problem: 'name' | 'value' }) =>
      `header field ${JSON.stringify(p.name)} has an invalid ${p.problem}`,
  },
  GW_PLUGIN_ERROR: {
    status: 500,
    source: 'gateway',
    proxyStatus: 'proxy_internal_error',
    publicMessage: 'Middleware error',
    message: (p: { owner: string; where: string; problem: string }) =>
      `${p.owner} failed in ${p.where}: ${p.problem}`,
  },
  GW_PLUGIN_RESPONSE_ERROR: {
    status: 502,
    source: 'gateway',
    proxyStatus: 'proxy_internal_error',
    publicMessage: 'Middleware error',
    message: (p: { owner: string; where: string; problem: string }) =>
      `${p.owner} failed in ${p.where}: ${p.problem}`,
  },
  GW_PLUGIN_BAD_RESULT: {
    status: 500,
    source: 'gateway',
    publicMessage: 'Middleware error',
    message: (p: { owner: string; where: string; expected: string; found: string }) =>
      `${p.owner} returned ${p.found} from ${p.where}; expected ${p.expected}`,
  },
  GW_PLUGIN_TIMEOUT: {
    status: 500,
    source: 'gateway',
    publicMessage: 'Middleware error',
    message: (p: { owner: string; where: string; timeoutMs: number }) =>
      `${p.owner} did not finish ${p.where} within ${p.timeoutMs} ms`,
  },
  GW_NOT_STARTED: {
    status: 500,
    source: 'gateway',
    message: (p: { state: string }) => `the gateway is ${p.state}; expected running`,
  },
  GW_ALREADY_STARTED: {
    status: 500,
    source: 'gateway',
    message: (p: { state: string; operation: string }) =>
      `"${p.operation}" needs an idle gateway; this one is ${p.state}`,
  },
  GW_SUPERSEDED: {
    status: 500,
    source: 'gateway',
    message: () => 'a newer configuration replaced this one while it waited to be applied',
  },
  GW_ADDRESS_IN_USE: {
    status: 500,
    source: 'config',
    message: (p: { entrypoint: string; address: string }) =>
      `entrypoint "${p.entrypoint}" cannot listen on ${p.address}: the address is in use`,
    hint: 'stop the other program, or choose another address',
  },
  GW_LISTEN_FAILED: {
    status: 500,
    source: 'config',
    message: (p: { entrypoint: string; address: string; problem: string }) =>
      `entrypoint "${p.entrypoint}" cannot listen on ${p.address}: ${p.problem}`,
  },
  GW_CONFIG_INVALID: {
    status: 500,
    source: 'config',
    message: (p: { count: number; first: string }) =>
      p.count === 1 ? p.first : `${p.count} problems in the configuration; the first: ${p.first}`,
  },
  GW_CONFIG_EMPTY: {
    status: 500,
    source: 'config',
    message: (p: { file: string }) => `"${p.file}" is empty`,
    hint: 'to stop everything, stop the gateway',
  },
  GW_INVALID_OPTIONS: {
    status: 500,
    source: 'config',
    message: (p: { problem: string }) => p.problem,
  },
  GW_UNKNOWN_TYPE: {
    status: 500,
    source: 'config',
    message: (p: {
      noun: string
      type: string
      known: readonly string[]
      nearest?: string
      off?: string
    }) => {
      const unknown = `unknown ${p.noun} "${p.type}"`
      if (p.nearest !== undefined) return `${unknown}; did you mean "${p.nearest}"?`
      if (p.off !== undefined) return `${unknown}; plugin "${p.off}", which has it, is switched off`
      return `${unknown}; known: ${p.known.length === 0 ? 'none' : p.known.join(', ')}`
    },
  },
  GW_DUPLICATE_TYPE: {
    status: 500,
    source: 'config',
    message: (p: { noun: string; type: string; first: string; second: string }) =>
      p.first === p.second
        ? `plugin "${p.first}" registers ${p.noun} "${p.type}" twice`
        : `${p.noun} "${p.type}" is registered by ${p.first} and by ${p.second}`,
    hint: 'give one of them another name: "alias" in the "plugins" block of its plugin',
  },
  GW_REGISTRY_CLOSED: {
    status: 500,
    source: 'gateway',
    message: (p: { noun: string; type: string }) =>
      `${p.noun} "${p.type}" was registered after set-up; register in "setup"`,
  },
  ...pluginKinds,
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** The errors that the kernel itself raises. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)

const replaced = defineErrors({
  GW_DRAINING: {
    ...catalogue.GW_DRAINING,
    publicMessage: 'Gateway is replacing this route',
    message: () => 'a reload changed what this exchange depends on, and its time to end is over',
  },
})

/** GW_DRAINING because of a reload: its words do not say that the gateway stops. */
export function routeReplaced(): GatewayError {
  return replaced.GW_DRAINING()
}

/** Anything thrown as an error with a code; what no catalogue knows becomes GW_INTERNAL. */
export function asGatewayError(error: unknown): GatewayError {
  if (isGatewayError(error)) return error
  return errors.GW_INTERNAL({ problem: problemOf(error) }, { cause: error })
}
