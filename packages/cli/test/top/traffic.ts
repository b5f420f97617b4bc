import type { TrafficAnswer } from '@gatewright/plugin-management'

/** What a gateway says through which nothing goes, but for what is given. */
export function trafficOf(some: Partial<TrafficAnswer>): TrafficAnswer {
  return {
    state: 'Running',
    uptime_secs: 65,
    config: { version: 3, hash: 'ab', file: 'gateway.hcl' },
    workers: 1,
    active_requests: 2,
    open_connections: 7,
    counted_by: 'metrics',
    open: {},
    total: { requests: 0, errors: 0, durations: null },
    routers: [],
    services: [],
    servers: [],
    ...some,
  }
}
