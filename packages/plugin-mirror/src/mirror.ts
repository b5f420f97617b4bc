import {
  type Awaitable,
  ContextKey,
  defineServiceFeature,
  ForkedContext,
  type GatewayResponse,
  type Handler,
  isThenable,
  type RequestContext,
  type Scope,
  type Service,
  type ServiceFeatureFactory,
} from '@gatewright/kernel'
import { Comparison } from './comparison.ts'
import { publishCounts } from './mirror-counts.ts'
import { MirrorLedger } from './mirror-ledger.ts'
import { type CopySettings, MirroredCopy } from './mirrored-copy.ts'
import { type MirrorOptions, schema } from './options.ts'

/** The shadow of an exchange that was chosen to be copied, for access logs; unset for the others. */
export const mirroredTo: ContextKey<string> = new ContextKey('mirror.service')

/** The copy of an exchange, for further tries of it. */
const copyOf: ContextKey<MirroredCopy> = new ContextKey('mirror.copy')

/** The `mirror` block of a service. */
export const mirror: ServiceFeatureFactory<MirrorOptions> = defineServiceFeature({
  type: 'mirror',
  parent: 'service',
  stage: -100,
  schema,
  create(options, service, scope) {
    const { service: shadow } = options
    const key = `mirror:${JSON.stringify([service.name, shadow])}`
    const ledger = scope.keep(key, () => new MirrorLedger(service.name, shadow, scope.log))
    publishCounts(service, ledger)
    if (options.percentage === 0) return {}
    const copying = new Mirror(options, ledger, scope)
    return { around: (ctx, next) => copying.handle(ctx, next) }
  },
})

/** Decides which requests are copied. Allocates nothing for the others. */
class Mirror {
  readonly #options: MirrorOptions
  readonly #ledger: MirrorLedger
  readonly #copies: CopySettings
  readonly #methods: ReadonlySet<string> | undefined
  readonly #maxInFlight: number
  /** Lower-case. */
  readonly #stripped: readonly string[]
  readonly #compared: readonly string[]
  readonly #shadowHeader: string

  constructor(options: MirrorOptions, ledger: MirrorLedger, scope: Scope) {
    const { methods, timeout: timeoutMs, max_body_bytes: maxBodyBytes } = options
    this.#options = options
    this.#ledger = ledger
    // Not before the first copy: a service that there is not is reported with its reference.
    const shadow = (): Service => scope.service(options.service)
    this.#copies = { shadow, ledger, timeoutMs, maxBodyBytes }
    this.#methods = methods && new Set(methods)
    this.#maxInFlight = Math.ceil(options.max_inflight * scope.share)
    this.#stripped = options.strip_headers.map((name) => name.toLowerCase())
    this.#compared = options.compare_headers.map((name) => name.toLowerCase())
    this.#shadowHeader = options.shadow_header.toLowerCase()
  }

  handle(ctx: RequestContext, next: Handler): Awaitable<GatewayResponse> {
    if (!this.#isChosen(ctx) || !this.#hasRoom(ctx)) return next(ctx)
    const comparison = this.#comparisonFor(ctx)
    const copy = new MirroredCopy(ctx, this.#fork(ctx), this.#copies, comparison)
    ctx.set(copyOf, copy)
    copy.start()
    const response = next(ctx)
    if (comparison === undefined) return response
    if (!isThenable(response)) comparison.takePrimary(response)
    else response.then((settled) => comparison.takePrimary(settled))
    return response
  }

  #isChosen(ctx: RequestContext): boolean {
    // The service will not get it either.
    if (ctx.ended || ctx.abortedBy !== undefined) return false
    // A further try of the same exchange.
    if (ctx.attempts !== undefined || ctx.get(mirroredTo) !== undefined) {
      return ctx.get(copyOf)?.giveWay() === true
    }
    const { method, upgrade } = ctx.request
    if (upgrade !== undefined || method === 'CONNECT') return false
    if (this.#methods?.has(method) === false || ctx instanceof ForkedContext) return false
    if (!this.#ledger.share.take(this.#options.percentage)) return false
    ctx.set(mirroredTo, this.#ledger.shadow)
    return true
  }

  #hasRoom({ request }: RequestContext): boolean {
    const ledger = this.#ledger
    if (ledger.inFlight >= this.#maxInFlight) {
      ledger.count('dropped_inflight')
      return false
    }
    if ((request.bodyLength ?? 0) > this.#options.max_body_bytes) {
      ledger.count('dropped_body')
      return false
    }
    return true
  }

  #fork(ctx: RequestContext): ForkedContext {
    const fork = ctx.fork(this.#options.max_body_bytes)
    const { headers } = fork.request
    for (const name of this.#stripped) headers.delete(name)
    headers.set('x-gatewright-mirror', '1')
    if (this.#shadowHeader !== '') headers.set(this.#shadowHeader, 'true')
    return fork
  }

  #comparisonFor({ request, route }: RequestContext): Comparison | undefined {
    const { compare, compare_log_limit: linesPerMinute } = this.#options
    if (!compare) return undefined
    // Without the query, which may have secrets.
    const { method, path } = request
    return new Comparison(this.#compared, (difference) => {
      const fields = { router: route?.router, method, path, ...difference }
      this.#ledger.countDifference(linesPerMinute, fields)
    })
  }
}
