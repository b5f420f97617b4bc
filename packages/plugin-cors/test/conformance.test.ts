import { describeMiddleware } from '@gatewright/testing/conformance'
import { cors } from '../src/index.ts'

const preflight = { 'access-control-request-method': 'PUT' }

describeMiddleware(cors, {
  valid: [
    { allowed_origins: ['https://a.example'] },
    {},
    {
      allowed_origins: [
        'null',
        'HTTPS://App.example:8443',
        'http://[::1]:80',
        'chrome-extension://ab',
      ],
      allowed_origin_patterns: ['https://*.example.com', 'http://localhost:*', '^https://[a-z]+$'],
      allowed_methods: ['*'],
      allowed_headers: ['*', 'Authorization'],
      exposed_headers: ['X-Total'],
      allow_credentials: true,
      allow_private_network: true,
      max_age: '10m',
      preflight_continue: true,
      override_upstream: false,
    },
    { allowed_headers: [], max_age: 0 },
  ],
  invalid: [
    { allowed_origins: [] },
    { allowed_origins: ['https://a.example/'] },
    { allowed_origins: ['a.example'] },
    { allowed_origins: ['https://*.example'] },
    { allowed_origins: 'https://a.example' },
    { allowed_origin_patterns: ['*'] },
    { allowed_origin_patterns: ['https://a.example'] },
    { allowed_origin_patterns: ['https://*example.com'] },
    { allowed_origin_patterns: ['https://example.*'] },
    { allowed_origin_patterns: ['https://*.a.*.example'] },
    { allowed_origin_patterns: ['^https://('] },
    { allowed_origin_patterns: ['^(?=x)'] },
    { allowed_methods: [] },
    { allowed_methods: ['GET, PUT'] },
    { allowed_headers: ['X A'] },
    { exposed_headers: ['X:A'] },
    { allow_credentials: true },
    { allow_credentials: true, allowed_origins: ['*', 'https://a.example'] },
    { allow_credentials: true, allowed_origins: ['https://a.example'], exposed_headers: ['*'] },
    { max_age: -1 },
  ],
  requests: [{ headers: { origin: 'https://a.example' } }],
  rejected: [{ method: 'OPTIONS', headers: { origin: 'https://evil.example', ...preflight } }],
})
