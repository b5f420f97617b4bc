import { describeMiddleware } from '@gatewright/testing/conformance'
import { rateLimitRedis } from '../src/index.ts'

/** Nobody is there. */
const redis_url = 'unix:///nonexistent/redis.sock'

describeMiddleware(rateLimitRedis, {
  valid: [
    { redis_url, rate: 10, on_failure: 'local' },
    { redis_url: 'rediss://user:password@redis.invalid:6380/1', rate: 10, burst: 20, period: '1m' },
    {
      redis_url: 'redis://127.0.0.1',
      rate: 10,
      algorithm: 'sliding-window',
      key: ['consumer', 'path'],
      missing_key: 'skip',
      key_prefix: 'other',
      timeout: '1s',
      on_failure: 'closed',
      status: 503,
      headers: false,
      cost: 'header:x-cost',
      ipv6_prefix: 48,
      max_keys: 10,
    },
  ],
  invalid: [
    {},
    { rate: 10 },
    { redis_url },
    { redis_url: '', rate: 10 },
    { redis_url: '127.0.0.1:6379', rate: 10 },
    { redis_url: 'http://127.0.0.1', rate: 10 },
    { redis_url: 'redis://host:port', rate: 10 },
    { redis_url, rate: 0 },
    { redis_url, rate: 10, burst: 0 },
    { redis_url, rate: 10, burst: 20, algorithm: 'sliding-window' },
    { redis_url, rate: 10, algorithm: 'concurrency' },
    { redis_url, rate: 10, key: 'ip' },
    { redis_url, rate: 10, key_prefix: '' },
    { redis_url, rate: 10, timeout: 0 },
    { redis_url, rate: 10, on_failure: 'ignore' },
  ],
})
