/**
 * Matchers for vitest: importing this module, in a test or in a file of `setupFiles`, adds them.
 *
 * @module
 */
import { expect } from 'vitest'
import { toBeProblem, toHaveHeader, toHaveLogged, toHaveStatus } from './matchers.ts'

expect.extend({ toBeProblem, toHaveHeader, toHaveLogged, toHaveStatus })

/** What `expect(…)` can ask beside what vitest knows; `R` is what its matchers return. */
export interface GatewayMatchers<R> {
  /** A response has this status. */
  toHaveStatus(status: number): R
  /** A response has this header field; without a value, with any. */
  toHaveHeader(name: string, value?: string | RegExp): R
  /** A response is the problem (RFC 9457) of this code. To be awaited. */
  toBeProblem(code: string): Promise<void>
  /** A gateway of `createTestGateway`, or its `logs`, has an entry with these fields. */
  toHaveLogged(fields: Readonly<Record<string, unknown>>): R
}

declare module 'vitest' {
  // Declarations of one interface have the same parameters.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown>
    extends GatewayMatchers<R> {}
}
