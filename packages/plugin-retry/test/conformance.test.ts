import { describeMiddleware } from '@gatewright/testing/conformance'
import { retry } from '../src/index.ts'

describeMiddleware(retry, {
  valid: [
    {},
    {
      max_retries: 1,
      retry_interval_ms: 0,
      max_interval_ms: 0,
      retry_status: [],
      retry_on_timeout: true,
      retry_non_idempotent: true,
      respect_idempotency_key: false,
      max_replay_bytes: '1MiB',
      overall_timeout: '30s',
      budget_percent: 0,
      attempt_header: 'X-Gateway-Attempt',
    },
  ],
  invalid: [
    { max_retries: 0 },
    { max_retries: 1.5 },
    { retry_interval_ms: -1 },
    { retry_interval_ms: '100ms' },
    { max_interval_ms: 60_000 },
    { retry_status: [200] },
    { retry_status: [503, 503] },
    { retry_status: 503 },
    { retry_on_timeout: 'yes' },
    { max_replay_bytes: 'much' },
    { overall_timeout: '0s' },
    { budget_percent: -1 },
    { attempt_header: 'Host' },
    { attempt_header: 'X A' },
    { attempt_header: 'X_Try' },
    { attempt_header: 'X-My_Try' },
    { attempt_header: 'x-forwarded-for' },
  ],
  requests: [{ method: 'PUT', body: 'content' }],
})
