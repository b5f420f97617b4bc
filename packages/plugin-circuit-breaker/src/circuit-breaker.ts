import { defineMiddleware, type MiddlewareFactory } from '@gatewright/kernel'
import type { Board } from './board.ts'
import { errors } from './errors.ts'
import { Judge } from './judge.ts'
import { OpenAnswer } from './open-answer.ts'
import { type CircuitBreakerOptions, schema } from './options.ts'
import { ServiceBreaker } from './service-breaker.ts'
import { ServiceCircuits } from './service-circuits.ts'

/** Makes the `circuit-breaker` middleware type of one gateway. */
export function createCircuitBreaker(board: Board): MiddlewareFactory<CircuitBreakerOptions> {
  return defineMiddleware({
    type: 'circuit-breaker',
    schema,
    create(options, scope) {
      checkTogether(options)
      const judge = new Judge(options)
      const answer = new OpenAnswer(options)
      const key = `circuit-breaker:${scope.name}:${JSON.stringify(options)}`
      const circuits = scope.keep(key, () => new ServiceCircuits(options, scope))
      scope.onActivate(() => board.add(circuits))
      const breaker = new ServiceBreaker(circuits, judge, answer, scope)
      return { around: (ctx, next) => breaker.handle(ctx, next) }
    },
  })
}

function checkTogether(options: CircuitBreakerOptions): void {
  const { cooldown_secs: base, max_cooldown_secs: max = base } = options
  if (max < base) throw errors.GW_CIRCUIT_BAD_COOLDOWN(undefined, { option: ['max_cooldown_secs'] })
  const { slow_ratio: ratio, latency_threshold_ms: threshold } = options
  if (ratio === undefined || threshold !== undefined) return
  throw errors.GW_CIRCUIT_NO_THRESHOLD(undefined, { option: ['slow_ratio'] })
}
