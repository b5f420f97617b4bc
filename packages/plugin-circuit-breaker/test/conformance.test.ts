import { describeMiddleware } from '@gatewright/testing/conformance'
import { Board } from '../src/board.ts'
import { createCircuitBreaker } from '../src/circuit-breaker.ts'

describeMiddleware(createCircuitBreaker(new Board()), {
  valid: [
    {},
    { failure_threshold: 1, cooldown_secs: 0.5, success_threshold: 3, half_open_max_requests: 2 },
    { error_ratio: 1, min_requests: 1, window: '1m', max_cooldown_secs: 60 },
    { failure_status: [429, 503], latency_threshold_ms: 500 },
    { failure_status: ['429', '500-599'], slow_ratio: 0.5, latency_threshold_ms: 500 },
    { failure_status: '429, 500-599' },
    { fallback_status: 200, fallback_body: '{}', fallback_content_type: 'application/json' },
  ],
  invalid: [
    { failure_threshold: 0 },
    { failure_threshold: 5, error_ratio: 0.5 },
    { fallback_content_type: 'text/plain' },
    { fallback_status: 200, fallback_content_type: 'text/plain' },
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
    { failure_status: [] },
    { failure_status: '200-599' },
    { failure_status: '599-500' },
    { failure_status: ['5xx'] },
    { slow_ratio: 0.5 },
    { slow_ratio: 0, latency_threshold_ms: 500 },
    { fallback_status: 100 },
    { fallback_status: 204, fallback_body: 'text' },
    { fallback_content_type: 'text/plain\r\nx: y' },
    { latency_threshold_ms: 0 },
  ],
})

// What the suite does with the first of the valid options is another thing per endpoint.
describeMiddleware(createCircuitBreaker(new Board()), {
  valid: [{ per: 'endpoint' }],
  invalid: [{ per: 'server' }],
})
