/**
 * What is wrong with a block, as its factory says it.
 *
 * @module
 */

import { atPlaceOf } from './author-place.ts'
import type { ConfigPath, ConfigProblem } from './config.ts'
import { isGatewayError, problemOf } from './gateway-error.ts'

/**
 * The problems that an error stands for which making something of the block at `path` threw.
 * @param owner Whose code made it: what is no error of a catalogue is a bug in that, not in the block.
 * @param where What of its code was called.
 */
export function refusalOf(
  error: unknown,
  path: ConfigPath,
  owner?: string,
  where = 'create',
): ConfigProblem[] {
  if (!isGatewayError(error)) {
    const problem = problemOf(error) + atPlaceOf(error)
    const message = owner === undefined ? problem : `${owner} failed in ${where}: ${problem}`
    return [{ path, code: 'GW_PLUGIN_ERROR', message }]
  }
  const { code, message, option, problems, hint } = error
  if (problems.length > 0) {
    return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }))
  }
  const advice = hint === undefined ? {} : { hint }
  return [{ path: [...path, ...option], code, message, ...advice }]
}
