import { asGatewayError, type ConfigProblem } from '@gatewright/kernel'
import { errors } from './errors.ts'

/** What can be made of a list; why the rest cannot goes to `failures`. */
export function tried<T, R>(failures: unknown[], list: readonly T[], make: (one: T) => R): R[] {
  return list.flatMap((one) => {
    try {
      return [make(one)]
    } catch (error) {
      failures.push(error)
      return []
    }
  })
}

/** Whoever mends a configuration wants to know of all of them at once. */
export function throwAll(failures: readonly unknown[]): void {
  if (failures.length === 0) return
  const [first, ...others] = failures
  if (others.length === 0) throw first
  const problem = `${failures.length} options cannot be used`
  const problems = failures.map((failure): ConfigProblem => {
    const { code, message, option: path, hint } = asGatewayError(failure)
    return { path, code, message, ...(hint !== undefined && { hint }) }
  })
  throw errors.GW_TLS_UNUSABLE({ problem }, { problems })
}
