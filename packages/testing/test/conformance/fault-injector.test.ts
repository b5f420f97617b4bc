import type { Filter, GatewayResponse, RequestContext } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { middlewareChecks } from '../../src/conformance/index.ts'
import { middleware } from '../tested-middleware.ts'
import { failingChecks } from './failing-checks.ts'

/** A middleware whose handlers need their own `this`. */
class Counter implements Filter {
  #requests = 0

  onRequest(): void {
    this.#requests++
  }

  onResponse(_: RequestContext, { headers }: GatewayResponse): void {
    headers.set('x-requests', String(this.#requests))
  }
}

describe('faults', () => {
  it('can be injected into a middleware that is an object with a state', async () => {
    const checks = middlewareChecks(
      middleware(() => new Counter()),
      { valid: [{}], invalid: [] },
    )

    expect(await failingChecks(checks)).toEqual({})
  })
})
