/**
 * What is wrong with a block, as its factory says it.
 *
 * @module
 */
import { ownSections } from './block-schemas.ts'
import type { ConfigPath, ConfigProblem } from './config.ts'
import { isGatewayError, problemOf } from './gateway-error.ts'

/** The problems that an error stands for which making something of the block at `path` threw. */
export function refusalOf(error: unknown, path: ConfigPath): ConfigProblem[] {
  if (!isGatewayError(error)) {
    return [{ path, code: 'GW_PLUGIN_ERROR', message: ofBlock(path, problemOf(error)) }]
  }
  const { code, message, option, problems, hint } = error
  if (problems.length > 0) {
    return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }))
  }
  const advice = hint === undefined ? {} : { hint }
  if (option.length === 0) return [{ path, code, message: ofBlock(path, message), ...advice }]
  return [{ path: [...path, ...option], code, message, ...advice }]
}

function ofBlock([section, name]: ConfigPath, problem: string): string {
  const noun = ownSections.includes(String(section)) ? String(section).slice(0, -1) : section
  return `${name === undefined ? noun : `${noun} "${name}"`} is invalid: ${problem}`
}
