import { reply, startUpstream } from '@gatewright/testing'
import { describeMiddleware } from '@gatewright/testing/conformance'
import { afterAll } from 'vitest'
import { forwardAuth } from '../src/index.ts'

const authServer = await startUpstream(({ headers }) =>
  reply(headers['authorization'] === 'Basic no' ? 401 : 200),
)
afterAll(() => authServer.close())

const forward_auth_url = `${authServer.url}/verify`

describeMiddleware(forwardAuth, {
  valid: [
    {
      forward_auth_url,
      forward_auth_response_headers: ['X-User'],
      forward_auth_response_headers_regex: 'x-claim-.*',
      add_auth_cookies_to_response: ['session'],
    },
    {
      forward_auth_url,
      cache_ttl: '10s',
      cache_key_headers: ['Authorization', 'X-Forwarded-Uri'],
      breaker_failures: 0,
      breaker_cooldown: '5s',
    },
    {
      forward_auth_url,
      method: 'HEAD',
      forward_auth_response_headers: ['X-User'],
      forward_auth_response_headers_regex: 'x-auth-.*',
      auth_request_headers: ['Cookie'],
      add_auth_cookies_to_response: ['session'],
      consumer_header: 'X-User',
      forward_body: true,
      max_body_bytes: '64KiB',
      max_response_bytes: 1000,
      timeout: '250ms',
      max_connections: 1,
      on_error_status: 503,
      fail_open: true,
    },
  ],
  invalid: [
    {},
    { forward_auth_url: '' },
    { forward_auth_url: 'auth.example.com' },
    { forward_auth_url: 'file:///etc/passwd' },
    { forward_auth_url: 'http://user:password@127.0.0.1/' },
    { forward_auth_url: 'http://user@127.0.0.1/' },
    { forward_auth_url, method: 'POST' },
    { forward_auth_url, forward_auth_response_headers: ['Content-Length'] },
    { forward_auth_url, forward_auth_response_headers: ['bad name'] },
    { forward_auth_url, forward_auth_response_headers_regex: '(' },
    { forward_auth_url, forward_auth_response_headers_regex: 'x-(?=a).*' },
    { forward_auth_url, forward_auth_response_headers_regex: 'x-([a-z]+-?)+id' },
    { forward_auth_url, timeout: 0 },
    { forward_auth_url, cache_ttl: '1s', forward_body: true },
    { forward_auth_url, cache_key_headers: [] },
    { forward_auth_url, breaker_failures: -1 },
    { forward_auth_url, on_error_status: 200 },
    { forward_auth_url, max_connections: 0 },
  ],
  ownFields: ['x-user', 'x-claim-role'],
  rejected: [{ headers: { authorization: 'Basic no' } }],
})
