import { errors } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { nameOfCode } from '../src/status.ts'
import { codeOfError, codeOfReset, codeOfStatus } from '../src/twins.ts'

const place = { owner: 'plugin "x"', where: 'onResponse', problem: 'oops' }

describe('what HTTP says, in gRPC', () => {
  it.each([
    [200, 'UNKNOWN'],
    [302, 'UNKNOWN'],
    [400, 'INTERNAL'],
    [401, 'UNAUTHENTICATED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'UNIMPLEMENTED'],
    [413, 'UNKNOWN'],
    [429, 'UNAVAILABLE'],
    [500, 'UNKNOWN'],
    [502, 'UNAVAILABLE'],
    [503, 'UNAVAILABLE'],
    [504, 'UNAVAILABLE'],
  ])('an answer of status %d is %s', (status, name) => {
    expect(nameOfCode(codeOfStatus(status))).toBe(name)
  })

  it.each([
    [errors.GW_NO_ROUTE({ target: '/' }), 'UNIMPLEMENTED'],
    [errors.GW_BODY_TOO_LARGE({ limit: 1 }), 'RESOURCE_EXHAUSTED'],
    [errors.GW_UPSTREAM_BUSY({ endpoint: 'x', waiting: 1 }), 'RESOURCE_EXHAUSTED'],
    [errors.GW_SERVICE_UNAVAILABLE({ service: 'x' }), 'UNAVAILABLE'],
    [errors.GW_UPSTREAM_CONNECT({ endpoint: 'x', problem: 'refused' }), 'UNAVAILABLE'],
    [errors.GW_UPSTREAM_CONNECT_TIMEOUT({ endpoint: 'x', timeoutMs: 1 }), 'DEADLINE_EXCEEDED'],
    [errors.GW_UPSTREAM_RESPONSE_TIMEOUT({ endpoint: 'x', timeoutMs: 1 }), 'DEADLINE_EXCEEDED'],
    [errors.GW_UPSTREAM_BODY_TIMEOUT({ endpoint: 'x', timeoutMs: 1 }), 'DEADLINE_EXCEEDED'],
    [errors.GW_UPSTREAM_RESET({ endpoint: 'x', problem: 'gone' }), 'UNAVAILABLE'],
    [errors.GW_UPSTREAM_PROTOCOL({ endpoint: 'x', problem: 'odd' }), 'UNAVAILABLE'],
    [errors.GW_DRAINING(), 'UNAVAILABLE'],
    [errors.GW_BAD_REQUEST({ problem: 'odd' }), 'INTERNAL'],
    [errors.GW_INTERNAL({ problem: 'odd' }), 'INTERNAL'],
    [errors.GW_PLUGIN_ERROR(place), 'INTERNAL'],
    [errors.GW_PLUGIN_RESPONSE_ERROR(place), 'INTERNAL'],
    [errors.GW_CLIENT_ABORTED(), 'CANCELLED'],
  ])('%s is %s', (error, name) => {
    expect(nameOfCode(codeOfError(error))).toBe(name)
  })

  it.each([
    [0, 'INTERNAL'],
    [1, 'INTERNAL'],
    [2, 'INTERNAL'],
    [7, 'UNAVAILABLE'],
    [8, 'CANCELLED'],
    [11, 'RESOURCE_EXHAUSTED'],
    [12, 'PERMISSION_DENIED'],
    [99, 'INTERNAL'],
  ])('a stream that was reset with %d is %s', (code, name) => {
    expect(nameOfCode(codeOfReset(code))).toBe(name)
  })
})
