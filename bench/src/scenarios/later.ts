/**
 * Scenarios that the harness has no clients for yet. They stand in the table, and the gateway is
 * asked whether it could.
 *
 * @module
 */
import type { Scenario } from './scenario.ts'

const cpu = {
  metric: 'cpu',
  gateways: ['gatewright'],
  peers: [],
  needs: [],
  routers: 1,
  cores: 1,
  load: undefined,
} as const satisfies Partial<Scenario>

/** HTTP/2 on both sides. */
export const later: readonly Scenario[] = [
  {
    ...cpu,
    name: 'EE',
    title: 'HTTP/2 in and out',
    needs: ['tls', 'http2', 'http2-upstream'],
  },
]
