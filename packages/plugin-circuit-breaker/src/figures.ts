import type { Figure } from '@gatewright/kernel'
import type { Board } from './board.ts'
import type { CircuitState } from './circuit.ts'

const numbers: Readonly<Record<CircuitState, number>> = { closed: 0, 'half-open': 1, open: 2 }

/** The state of each circuit as a number. */
export function circuitFigure(board: Board): Figure {
  return {
    type: 'circuit_breaker_state',
    kind: 'gauge',
    help: 'Circuits: 0 closed, 1 half-open, 2 open',
    labels: ['middleware', 'service', 'backend'],
    // Whoever looks wants to know of the process that is worst off.
    across: 'max',
    read: () =>
      board.reports().map(({ middleware, service, endpoint = '', state }) => ({
        labels: [middleware, service, endpoint],
        value: numbers[state],
      })),
  }
}
