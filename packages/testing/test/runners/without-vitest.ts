/** As if vitest were not installed. */
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    if (/^vitest(?:\/|$)/.test(specifier)) throw new Error(`cannot find package "${specifier}"`)
    return next(specifier, context)
  },
})
