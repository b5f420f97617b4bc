import { describeMiddleware } from '@gatewright/testing/conformance'
import { circuitBreaker } from '../src/index.ts'

describeMiddleware(circuitBreaker, {
  valid: [
    {},
    { failure_threshold: 1, cooldown_secs: 0.5, success_threshold: 3, half_open_max_requests: 2 },
    { error_ratio: 1, min_requests: 1, window: '1m', max_cooldown_secs: 60 },
    { failure_status: [429, 503], latency_threshold_ms: 500 },
  ],
  invalid: [
    { failure_threshold: 0 },
    { failure_threshold: 1.5 },
    { error_ratio: 0 },
    { error_ratio: 1.1 },
    { min_requests: 0 },
    { window: '0s' },
    { cooldown_secs: 0 },
    { cooldown_secs: 30, max_cooldown_secs: 10 },
    { success_threshold: 0 },
    { half_open_max_requests: 0 },
    { failure_status: [200] },
    { latency_threshold_ms: 0 },
  ],
})
