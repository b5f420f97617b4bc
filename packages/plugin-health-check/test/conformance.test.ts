import { describeServiceFeature } from '@gatewright/testing/conformance'
import { healthCheck, passiveHealth } from '../src/index.ts'

describeServiceFeature(healthCheck, {
  valid: [
    { path: '/', interval: '1h' },
    { mode: 'tcp' },
    { path: '/healthz', interval: '5s', timeout: '500ms', jitter: 0 },
    { mode: 'grpc', service: 'shop.Orders', port: 9000 },
    {
      path: '/',
      initial: 'unknown-wait',
      method: 'HEAD',
      status: '200-299, 401',
      headers: { 'X-Probe': 'yes' },
      host: 'shop.test',
      scheme: 'https',
      body_contains: 'ok',
      unhealthy_threshold: 1,
      healthy_threshold: 2,
    },
  ],
  invalid: [
    {},
    { path: 'healthz' },
    { path: '/', interval: 0 },
    { path: '/', timeout: '0s' },
    { path: '/', unhealthy_threshold: 0 },
    { path: '/', healthy_threshold: 0 },
    { path: '/', jitter: 2 },
    { path: '/', initial: 'maybe' },
    { path: '/', method: 'DELETE' },
    { path: '/', status: '2xx' },
    { path: '/', status: '299-200' },
    { path: '/', headers: { host: 'other' } },
    { path: '/', headers: { 'X A': 'b' } },
    { path: '/', headers: { 'X-A': 'b\r\nc: d' } },
    { path: '/', port: 70_000 },
    { path: '/', mode: 'ping' },
  ],
})

describeServiceFeature(passiveHealth, {
  valid: [
    { error_threshold: 3 },
    {},
    { enabled: false },
    {
      window: '1m',
      statuses: [500],
      recovery: '1s',
      backoff: 2,
      max_recovery: '1m',
      max_ejected_percent: 50,
      half_open_requests: 2,
    },
  ],
  invalid: [
    { error_threshold: 0 },
    { window: 0 },
    { statuses: [200] },
    { statuses: [500, 500] },
    { recovery: 'soon' },
    { backoff: 0.5 },
    { max_ejected_percent: 101 },
    { half_open_requests: 0 },
  ],
})
