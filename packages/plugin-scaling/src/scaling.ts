import {
  type Awaitable,
  defineServiceFeature,
  type EndpointPool,
  type GatewayResponse,
  type Handler,
  type RequestContext,
  type Service,
  type ServiceFeature,
  type ServiceFeatureFactory,
} from '@gatewright/kernel'
import { Concurrency } from './concurrency.ts'
import { errors } from './errors.ts'
import { QueueCounts, reportQueue } from './figures.ts'
import { type ScalingOptions, schema } from './options.ts'
import { WaitingLine } from './waiting-line.ts'

/** The `scaling` block of a service. */
export const scaling: ServiceFeatureFactory<ScalingOptions> = defineServiceFeature({
  type: 'scaling',
  parent: 'service',
  schema,
  stage: 200,
  create(options, service, scope) {
    const { container_concurrency: concurrency, queue_timeout: timeoutMs } = options
    if (concurrency === 0 && timeoutMs > 0) {
      throw errors.GW_SCALING_NO_LIMIT(undefined, { option: ['queue_timeout'] })
    }
    // Each of several processes that work alike has its part, but one request is the least.
    const limit = concurrency === 0 ? 0 : Math.max(1, Math.floor(concurrency * scope.share))
    const kept = scope.keep(`scaling:${service.name}`, () => new Concurrency())
    scope.onActivate(() => kept.follow(service.pool, limit))
    scope.onDeactivate(() => kept.leave(service.pool))
    if (concurrency === 0) return {}
    const counts = scope.keep(`scaling-counts:${service.name}`, () => new QueueCounts())
    const queue = new Queue(options, service, counts)
    reportQueue(service, counts)
    scope.defer(() => queue[Symbol.dispose]())
    return queue
  },
})

/** Requests in front of servers that are all busy. */
class Queue implements ServiceFeature, Disposable {
  /** The kernel must not end the wait before the queue does. */
  readonly patienceMs: number
  readonly #counts: QueueCounts
  readonly #service: string
  readonly #pool: EndpointPool
  readonly #line: WaitingLine
  readonly #size: number
  readonly #following: Disposable
  #calling = false

  constructor(options: ScalingOptions, { name, pool }: Service, counts: QueueCounts) {
    const { queue_timeout: timeoutMs, queue_size: size } = options
    this.patienceMs = timeoutMs + 5000
    this.#counts = counts
    this.#service = name
    this.#pool = pool
    this.#size = timeoutMs === 0 ? 0 : size
    const problem = `no server was free within ${timeoutMs} ms`
    this.#line = new WaitingLine(timeoutMs, counts, (ctx) => this.#refuse(ctx, problem))
    this.#following = pool.onChange(() => this.#callNext())
  }

  around(ctx: RequestContext, next: Handler): Awaitable<GatewayResponse> {
    if (this.#line.length === 0 && !this.#isBusy()) return next(ctx)
    if (this.#line.length < this.#size) return this.#line.join(ctx, next)
    this.#counts.add('full')
    return this.#refuse(ctx, this.#size === 0 ? 'there is no queue' : 'the queue is full')
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]()
    this.#line[Symbol.dispose]()
  }

  /** True if there are healthy servers and none of them is free. */
  #isBusy(): boolean {
    const { all, available } = this.#pool
    if (available.length > 0) return false
    return all.some(({ healthy, full, weight }) => healthy && full && weight > 0)
  }

  /** A server may have got free; or all are down, and there is nothing left to wait for. */
  #callNext(): void {
    // What is called takes a server, which changes the pool again.
    if (this.#calling) return
    this.#calling = true
    try {
      while (!this.#isBusy() && this.#line.callNext());
    } finally {
      this.#calling = false
    }
  }

  #refuse(ctx: RequestContext, problem: string): GatewayResponse {
    const headers = ['retry-after', '1']
    return ctx.fail(errors.GW_SCALING_AT_CAPACITY({ service: this.#service, problem }, { headers }))
  }
}
