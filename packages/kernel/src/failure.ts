/**
 * What a plugin did wrong, as errors that name it.
 *
 * @module
 */
import { isThenable } from './awaitable.ts'
import { errors } from './errors.ts'
import { type GatewayError, isGatewayError, problemOf } from './gateway-error.ts'

/**
 * What a plugin threw, as an error that names the plugin. An error of a catalogue is an answer and
 * passes as it is.
 * @param side On the way out there is a response already, so the gateway failed as a proxy: 502.
 */
export function pluginFailure(
  error: unknown,
  owner: string,
  where: string,
  side: 'in' | 'out' = 'in',
): GatewayError {
  if (isGatewayError(error)) return error
  const params = { owner, where, problem: problemOf(error) }
  return side === 'in'
    ? errors.GW_PLUGIN_ERROR(params, { cause: error })
    : errors.GW_PLUGIN_RESPONSE_ERROR(params, { cause: error })
}

/** What a plugin returned where it may not. */
export function badResult(
  owner: string,
  where: string,
  expected: string,
  found: unknown,
): GatewayError {
  return errors.GW_PLUGIN_BAD_RESULT({ owner, where, expected, found: describe(found) })
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  if (isThenable(value)) return 'a promise'
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && name !== '' ? name : 'an object'
}
