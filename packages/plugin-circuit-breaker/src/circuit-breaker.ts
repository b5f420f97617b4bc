import {
  type Around,
  defineMiddleware,
  type MiddlewareFactory,
  type Scope,
} from '@gatewright/kernel'
import type { Board } from './board.ts'
import { EndpointBreaker } from './endpoint-breaker.ts'
import { EndpointCircuits } from './endpoint-circuits.ts'
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
      return options.per === 'service'
        ? perService(options, scope, board)
        : perEndpoint(options, scope, board)
    },
  })
}

function perService(options: CircuitBreakerOptions, scope: Scope, board: Board): Around {
  const judge = new Judge(options)
  const circuits = scope.keep(keyOf(options, scope), () => new ServiceCircuits(options, scope))
  scope.onActivate(() => board.add(circuits))
  const breaker = new ServiceBreaker(circuits, judge, new OpenAnswer(options), scope)
  return { around: (ctx, next) => breaker.handle(ctx, next) }
}

function perEndpoint(options: CircuitBreakerOptions, scope: Scope, board: Board): Around {
  const { name, log, dryRun } = scope
  const judge = new Judge(options)
  // A dry run keeps nothing from the endpoints, so it is another table.
  const key = `${keyOf(options, scope)}:${dryRun}`
  const host = { options, log, dryRun, checker: key }
  const circuits = scope.keep(key, () => new EndpointCircuits(name, judge, host))
  scope.onActivate(() => board.add(circuits))
  const breaker = new EndpointBreaker(circuits, new OpenAnswer(options))
  return { around: (ctx, next) => breaker.handle(ctx, next) }
}

function keyOf(options: CircuitBreakerOptions, { name }: Scope): string {
  return `circuit-breaker:${name}:${JSON.stringify(options)}`
}

function checkTogether(options: CircuitBreakerOptions): void {
  const { cooldown_secs: base, max_cooldown_secs: max = base } = options
  if (max < base) throw errors.GW_CIRCUIT_BAD_COOLDOWN(undefined, { option: ['max_cooldown_secs'] })
  if (options.error_ratio !== undefined && options.failure_threshold !== undefined) {
    const problem = 'does not go with error_ratio, which takes its place'
    throw errors.GW_CIRCUIT_UNUSED({ problem }, { option: ['failure_threshold'] })
  }
  const { slow_ratio: ratio, latency_threshold_ms: threshold } = options
  if (ratio === undefined || threshold !== undefined) return
  throw errors.GW_CIRCUIT_NO_THRESHOLD(undefined, { option: ['slow_ratio'] })
}
