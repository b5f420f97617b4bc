import {
  type Exchange,
  isGatewayError,
  errors as kernelErrors,
  problemOf,
} from '@gatewright/kernel'
import type { Test } from '../rule/condition.ts'

/**
 * The test of a matcher that another plugin brought. What it answers by mistake, such as a promise,
 * must not pass for "yes": throws GW_PLUGIN_BAD_RESULT, and GW_PLUGIN_ERROR if the test throws.
 * @param owner Whose it is, for messages.
 */
export function foreignTest(owner: string, test: unknown): Test {
  if (typeof test !== 'function') {
    throw new TypeError(`"compile" returned ${found(test)}; expected a function`)
  }
  if (test.constructor.name === 'AsyncFunction') {
    throw new TypeError('"compile" returned an async function; the answer must be there at once')
  }
  return (exchange) => {
    const answer = ask(test, owner, exchange)
    if (typeof answer === 'boolean') return answer
    const where = 'a rule'
    const expected = 'true or false, at once'
    throw kernelErrors.GW_PLUGIN_BAD_RESULT({ owner, where, expected, found: found(answer) })
  }
}

// biome-ignore lint/complexity/noBannedTypes: nothing more is known of it.
function ask(test: Function, owner: string, exchange: Exchange): unknown {
  try {
    return test(exchange)
  } catch (error) {
    if (isGatewayError(error)) throw error
    const problem = problemOf(error)
    throw kernelErrors.GW_PLUGIN_ERROR({ owner, where: 'a rule', problem }, { cause: error })
  }
}

function found(value: unknown): string {
  if (value instanceof Promise) return 'a promise'
  return value === null || typeof value !== 'object' ? String(value) : 'an object'
}
