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
