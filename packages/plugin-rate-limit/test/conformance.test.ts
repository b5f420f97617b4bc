import { describeMiddleware } from '@gatewright/testing/conformance'
import { rateLimit } from '../src/index.ts'

const perSession = { rate: 10, algorithm: 'sliding-window', key: ['header:X-Tenant', 'cookie:sid'] }

describeMiddleware(rateLimit, {
  valid: [
    { rate: 1000, burst: 1000 },
    { rate: 10, burst: 1, period: '1m', key: 'jwt:realm.tenant', missing_key: 'skip' },
    { ...perSession, max_keys: 1, ipv6_prefix: 48, status: 503, headers: false },
    { rate: 1, algorithm: 'concurrency', key: 'consumer', missing_key: 'global' },
    { rate: 1, key: 'path', cost: 'header:x-cost' },
    { rate: 3, key: 'global', cost: 3 },
    { rate: 1, burst: 5, cost: 5 },
  ],
  invalid: [
    {},
    { rate: 0 },
    { rate: 1.5 },
    { rate: '10' },
    { rate: 10, burst: 0 },
    { rate: 10, burst: 20, algorithm: 'sliding-window' },
    { rate: 10, algorithm: 'leaky' },
    { rate: 10, period: '0s' },
    { rate: 10, key: 'ip' },
    { rate: 10, key: 'header:' },
    { rate: 10, key: 'header:a b' },
    { rate: 10, key: [] },
    { rate: 10, key: ['client_ip', 'ip'] },
    { rate: 10, missing_key: 'refuse' },
    { rate: 10, ipv6_prefix: 129 },
    { rate: 10, max_keys: 0 },
    { rate: 10, cost: 0 },
    { rate: 10, cost: 11 },
    { rate: 10, burst: 5, cost: 6 },
    { rate: 10, algorithm: 'concurrency', cost: 2 },
    { rate: 10, algorithm: 'concurrency', cost: 1 },
    { rate: 10, algorithm: 'concurrency', period: '1s' },
    { rate: 10, cost: 'x-cost' },
    { rate: 10, status: 200 },
  ],
})
