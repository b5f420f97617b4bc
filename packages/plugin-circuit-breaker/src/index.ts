/**
 * `circuit-breaker` middleware: gives a failing service a rest.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { circuitBreaker } from './circuit-breaker.ts'

export type { CircuitState } from './circuit.ts'
export { circuitBreaker, circuitState } from './circuit-breaker.ts'
export type { CircuitBreakerOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-circuit-breaker',
  setup(gateway) {
    gateway.middlewares.register(circuitBreaker)
  },
})
