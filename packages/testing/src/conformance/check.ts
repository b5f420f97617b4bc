import { errors } from '../errors.ts'

/** One thing that an implementation must do, as a function that works without a test runner. */
export interface Check {
  /** A sentence about the implementation, without its subject. */
  readonly name: string
  /** Rejects with GW_TESTING_FINDING, or with whatever went wrong. */
  readonly run: () => Promise<void>
}

/** Throws GW_TESTING_FINDING unless the condition holds. */
export function mustHold(condition: boolean, problem: string): asserts condition {
  if (!condition) throw errors.GW_TESTING_FINDING({ problem })
}

/** Waits, but not for ever: after 3 s without an outcome it throws GW_TESTING_FINDING. */
export async function inTime<T>(pending: PromiseLike<T>, problem: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(errors.GW_TESTING_FINDING({ problem })), 3000)
  try {
    return await Promise.race([pending, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
