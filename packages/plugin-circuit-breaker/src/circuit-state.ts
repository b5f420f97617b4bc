import { ContextKey } from '@gatewright/kernel'
import type { CircuitState } from './circuit.ts'

/** The circuit that an exchange met, for access logs and metrics; unset while it is closed. */
export const circuitState: ContextKey<CircuitState> = new ContextKey('circuit-breaker.state')
