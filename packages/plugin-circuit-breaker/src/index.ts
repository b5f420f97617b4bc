/**
 * `circuit-breaker` middleware: gives a failing service a rest.
 *
 * @module
 */
import { definePlugin, figures } from '@gatewright/kernel'
import { Board, setUpBoard } from './board.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import { circuitFigure } from './figures.ts'

export { type CircuitReport, circuitsOf } from './board.ts'
export type { CircuitState } from './circuit.ts'
export { circuitState } from './circuit-state.ts'
export type { CircuitBreakerOptions } from './options.ts'

export default definePlugin({
  name: '@gatewright/plugin-circuit-breaker',
  setup(gateway) {
    const board = new Board()
    setUpBoard(board, gateway.hooks)
    gateway.middlewares.register(createCircuitBreaker(board))
    gateway.registry(figures).register(circuitFigure(board))
  },
})
