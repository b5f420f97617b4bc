import { defineErrors, type ErrorCatalogue } from '@gatewright/kernel'

const catalogue = {
  GW_TESTING_WIRE: {
    status: 500,
    source: 'gateway',
    message: (p: { problem: string }) => `not HTTP/1.1 as a gateway may send it: ${p.problem}`,
  },
  GW_TESTING_CONNECTION_LOST: {
    status: 500,
    source: 'gateway',
    message: (p: { how: string; unread: string }) =>
      `the connection ended (${p.how}) while more was expected; unread: ${p.unread}`,
  },
  GW_TESTING_REFUSED: {
    status: 500,
    source: 'gateway',
    message: (p: { reason: string }) => `the gateway refused the connection: ${p.reason}`,
  },
  GW_TESTING_FINDING: {
    status: 500,
    source: 'gateway',
    message: (p: { problem: string }) => p.problem,
  },
  GW_TESTING_CASES: {
    status: 500,
    source: 'gateway',
    message: (p: { key: string; types: readonly string[] }) =>
      `"${p.key}" is of none of what the plugin registers: ${p.types.join(', ') || 'nothing'}`,
    hint: 'give the cases of each in "components", by its type',
  },
  GW_TESTING_WAITED: {
    status: 500,
    source: 'gateway',
    message: (p: { seconds: number; found: string }) => `waited ${p.seconds} s: ${p.found}`,
  },
  GW_TESTING_PACKAGE: {
    status: 500,
    source: 'gateway',
    message: (p: { what: string; name: string }) =>
      `${p.what} needs the package "${p.name}"; install it: npm install --save-dev ${p.name}`,
  },
  GW_TESTING_SWITCH: {
    status: 500,
    source: 'gateway',
    message: (p: { status: number }) => `the handshake was answered ${p.status}, not 101`,
  },
  GW_TESTING_ENTRYPOINT: {
    status: 500,
    source: 'gateway',
    message: (p: { wanted: string; known: readonly string[] }) =>
      `there is no ${p.wanted}; the configuration has: ${p.known.join(', ')}`,
  },
  GW_TESTING_CLOCK: {
    status: 500,
    source: 'gateway',
    message: (p: { problem: string }) => p.problem,
  },
  GW_TESTING_LEAK: {
    status: 500,
    source: 'gateway',
    message: (p: { left: readonly string[] }) =>
      `the gateway has stopped and left behind: ${p.left.join(', ')}`,
  },
  GW_TESTING_SCRIPT: {
    status: 500,
    source: 'gateway',
    message: (p: { found: string }) =>
      'expected as an answer in memory a status, { status, headers, body, json, trailers }, ' +
      `an Error, { error }, a GatewayResponse or a function of the request, found ${p.found}`,
  },
  GW_TESTING_UPSTREAM: {
    status: 500,
    source: 'gateway',
    message: (p: { problems: readonly string[] }) =>
      `the upstream met ${p.problems.length} problem(s): ${p.problems.join('; ')}`,
  },
} as const

/** What the kit throws when the other side, or the test itself, is wrong. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
