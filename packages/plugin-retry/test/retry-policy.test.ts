import {
  errors,
  type GatewayError,
  GatewayRequest,
  GatewayResponse,
  HeaderList,
} from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { RetryPolicy } from '../src/retry-policy.ts'

const defaults = {
  retry_status: [502, 503, 504],
  retry_codes: [],
  retry_on_timeout: false,
  retry_non_idempotent: false,
  respect_idempotency_key: true,
}
const endpoint = 'http://127.0.0.1:9001'
const timeoutMs = 100
const problem = 'ECONNRESET'

describe('what may be repeated', () => {
  it.each([
    { method: 'GET', repeatable: true },
    { method: 'HEAD', repeatable: true },
    { method: 'OPTIONS', repeatable: true },
    { method: 'PUT', repeatable: true },
    { method: 'DELETE', repeatable: true },
    { method: 'TRACE', repeatable: true },
    { method: 'POST', repeatable: false },
    { method: 'PATCH', repeatable: false },
    { method: 'CONNECT', repeatable: false },
    { method: 'PROPFIND', repeatable: false },
    { method: 'get', repeatable: false },
  ])('$method: $repeatable', ({ method, repeatable }) => {
    expect(new RetryPolicy(defaults).isRepeatable(request(method))).toBe(repeatable)
  })

  it('any method, if the configuration says so', () => {
    const policy = new RetryPolicy({ ...defaults, retry_non_idempotent: true })

    expect(policy.isRepeatable(request('POST'))).toBe(true)
  })

  it('any method with an Idempotency-Key, unless the configuration does not trust it', () => {
    const keyed = request('POST', ['idempotency-key', '"8e03978e"'])
    const distrusting = new RetryPolicy({ ...defaults, respect_idempotency_key: false })

    expect(new RetryPolicy(defaults).isRepeatable(keyed)).toBe(true)
    expect(distrusting.isRepeatable(keyed)).toBe(false)
  })
})

describe('what is worth another try', () => {
  it.each([
    { code: 'UNAVAILABLE', reason: 'code' },
    { code: 'INTERNAL', reason: undefined },
    { code: undefined, reason: undefined },
  ])('code $code of the upstream: $reason', ({ code, reason }) => {
    const policy = new RetryPolicy({ ...defaults, retry_codes: ['UNAVAILABLE'] })
    const response = new GatewayResponse({ status: 200 })

    expect(policy.reasonFor(response, false, code)).toBe(reason)
  })

  it.each([
    { status: 503, repeatable: true, reason: 'status' },
    { status: 503, repeatable: false, reason: undefined },
    { status: 500, repeatable: true, reason: undefined },
    { status: 200, repeatable: true, reason: undefined },
  ])('status $status of the upstream, repeatable $repeatable: $reason', (row) => {
    const response = new GatewayResponse({ status: row.status })

    expect(new RetryPolicy(defaults).reasonFor(response, row.repeatable)).toBe(row.reason)
  })

  it('no status, if the list is empty', () => {
    const policy = new RetryPolicy({ ...defaults, retry_status: [] })

    expect(policy.reasonFor(new GatewayResponse({ status: 503 }), true)).toBeUndefined()
  })

  it.each([
    errors.GW_UPSTREAM_CONNECT({ endpoint, problem }),
    errors.GW_UPSTREAM_CONNECT_TIMEOUT({ endpoint, timeoutMs }),
    errors.GW_UPSTREAM_BUSY({ endpoint, waiting: 7 }),
    errors.GW_UPSTREAM_RESET({ endpoint, problem }, { retryable: true }),
  ])('$code, of which nothing was sent, for any method', (error) => {
    const policy = new RetryPolicy({ ...defaults, retry_status: [] })

    expect(policy.reasonFor(failure(error), false)).toBe('unsent')
  })

  it('a connection that the upstream closed, for repeatable requests', () => {
    const response = failure(errors.GW_UPSTREAM_RESET({ endpoint, problem }))
    const policy = new RetryPolicy(defaults)

    expect(policy.reasonFor(response, true)).toBe('failure')
    expect(policy.reasonFor(response, false)).toBeUndefined()
  })

  it('a timeout, for repeatable requests and if the configuration says so', () => {
    const response = failure(errors.GW_UPSTREAM_RESPONSE_TIMEOUT({ endpoint, timeoutMs }))
    const policy = new RetryPolicy({ ...defaults, retry_on_timeout: true })

    expect(new RetryPolicy(defaults).reasonFor(response, true)).toBeUndefined()
    expect(policy.reasonFor(response, true)).toBe('timeout')
    expect(policy.reasonFor(response, false)).toBeUndefined()
  })

  it.each([
    errors.GW_SERVICE_UNAVAILABLE({ service: 'api' }),
    errors.GW_UPSTREAM_PROTOCOL({ endpoint, problem }),
    errors.GW_BODY_ABORTED(),
    errors.GW_CLIENT_ABORTED(),
    errors.GW_DRAINING(),
    errors.GW_INTERNAL({ problem }),
  ])('not $code, whatever its status', (error) => {
    const policy = new RetryPolicy({
      ...defaults,
      retry_status: [499, 500, 502, 503, 504],
      retry_on_timeout: true,
      retry_non_idempotent: true,
    })

    expect(policy.reasonFor(failure(error), true)).toBeUndefined()
  })
})

function request(method: string, fields: string[] = []): GatewayRequest {
  const head = {
    method,
    target: '/',
    authority: 'localhost',
    headers: new HeaderList(fields),
    version: '1.1' as const,
    upgrade: undefined,
  }
  return new GatewayRequest(head, null)
}

function failure(error: GatewayError): GatewayResponse {
  return new GatewayResponse({ status: error.status, error })
}
