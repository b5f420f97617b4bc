/**
 * Time as it really passes, whatever clock a test has installed: what the kit itself waits by.
 *
 * @module
 */
import { errors } from './errors.ts'

const { setTimeout, clearTimeout, setImmediate } = globalThis
const now = performance.now.bind(performance)

/** What `performance.now()` really says. */
export function realNow(): number {
  return now()
}

/** Lets everything happen that is due. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

/** Waits, but no more than 5 s: then it throws GW_TESTING_WAITED. */
export async function inRealTime<T>(pending: PromiseLike<T>, found: () => string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(errors.GW_TESTING_WAITED({ seconds: 5, found: found() })),
    5000,
  )
  try {
    return await Promise.race([pending, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
