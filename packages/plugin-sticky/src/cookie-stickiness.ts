import {
  type Attempt,
  type Awaitable,
  type Balancer,
  ContextKey,
  type Endpoint,
  type EndpointPool,
  type Exchange,
  type GatewayResponse,
  type Handler,
  type HeaderList,
  isThenable,
  type RequestContext,
  type Service,
  type ServiceFeature,
} from '@gatewright/kernel'
import { type Bindings, Visit } from './bindings.ts'
import { CookieField } from './cookie-field.ts'
import { errors } from './errors.ts'
import type { StickyOptions } from './options.ts'
import { SetCookie } from './set-cookie.ts'

/** Each client goes to the server that its cookie names; a client without one gets it. */
export class CookieStickiness implements ServiceFeature {
  readonly #service: Service
  readonly #bindings: Bindings
  readonly #field: CookieField
  readonly #setCookie: SetCookie
  readonly #options: StickyOptions
  readonly #fails: boolean
  readonly #visit: ContextKey<Visit> = new ContextKey('sticky.visit')
  readonly #read = (value: string): Visit | undefined => this.#bindings.read(value)

  constructor(name: string, options: StickyOptions, service: Service, bindings: Bindings) {
    this.#service = service
    this.#bindings = bindings
    this.#field = new CookieField(name)
    this.#setCookie = new SetCookie(name, options)
    this.#options = options
    this.#fails = options.on_unhealthy === 'fail'
  }

  around(ctx: RequestContext, next: Handler): Awaitable<GatewayResponse> {
    const visit = this.#welcome(ctx)
    const tries = ctx.attempts?.length ?? 0
    const response = next(ctx)
    if (!isThenable(response)) return this.#leave(ctx, response, visit, tries)
    return response.then((settled) => this.#leave(ctx, settled, visit, tries))
  }

  wrapBalancer(inner: Balancer): Balancer {
    return { pick: (pool, exchange) => this.#pick(inner, pool, exchange) }
  }

  /** Reads the cookie before the first try and keeps it from the upstream before each. */
  #welcome(ctx: RequestContext): Visit {
    const { headers } = ctx.request
    const lines = headers.getAll('cookie')
    let visit = ctx.get(this.#visit)
    if (visit === undefined) {
      visit = this.#field.find(lines, this.#read) ?? new Visit()
      ctx.set(this.#visit, visit)
    }
    if (this.#options.strip_cookie) this.#strip(headers, lines)
    return visit
  }

  #strip(headers: HeaderList, lines: readonly string[]): void {
    const rests = lines.map((line) => this.#field.without(line))
    // Fields that nobody touches are sent on as they came.
    if (rests.every((rest, index) => rest === lines[index])) return
    headers.delete('cookie')
    for (const rest of rests) if (rest !== '') headers.append('cookie', rest)
  }

  #pick(inner: Balancer, pool: EndpointPool, exchange: Exchange): Endpoint | undefined {
    const visit = exchange.get(this.#visit)
    const endpoint = visit?.endpoint
    if (visit === undefined || endpoint === undefined) return inner.pick(pool, exchange)
    visit.refused = false
    visit.elsewhere = false
    if (pool.available.includes(endpoint)) {
      const isNext = this.#fails || !hasTried(exchange, endpoint)
      return isNext ? endpoint : inner.pick(pool, exchange)
    }
    if (this.#fails && endpoint.weight > 0 && pool.all.includes(endpoint)) {
      visit.refused = true
      return undefined
    }
    visit.elsewhere = isBusy(endpoint)
    return inner.pick(pool, exchange)
  }

  #leave(
    ctx: RequestContext,
    response: GatewayResponse,
    visit: Visit,
    tries: number,
  ): GatewayResponse {
    const attempt = ctx.attempts?.at(-1)
    // Another feature answered, or nobody could be picked.
    if (attempt === undefined || attempt.index < tries) return this.#explain(ctx, response, visit)
    if (!this.#isToBind(attempt, response, visit)) return response
    const value = this.#bindings.bind(visit, attempt.endpoint)
    // After a failover it is a server of another service.
    if (value === undefined) return response
    response.headers.append('set-cookie', this.#setCookie.write(value, this.#isSecure(ctx)))
    // A further try of the same exchange throws this response away.
    visit.due = true
    return response
  }

  #isToBind({ endpoint, error }: Attempt, { status }: GatewayResponse, visit: Visit): boolean {
    if (visit.elsewhere || (endpoint === visit.endpoint && !visit.due)) return false
    // Nobody is bound to a server that did not even get the request.
    if (error?.retryable === true) return false
    return status < 400 || this.#options.cookie_on_error
  }

  #explain(
    ctx: RequestContext,
    response: GatewayResponse,
    { refused, endpoint }: Visit,
  ): GatewayResponse {
    if (!refused || response.error?.code !== 'GW_SERVICE_UNAVAILABLE') return response
    const headers = ['retry-after', '1']
    const found = { service: this.#service.name, endpoint: endpoint?.url.href ?? '' }
    return ctx.fail(errors.GW_STICKY_UNAVAILABLE(found, { headers }))
  }

  #isSecure({ connection, request }: RequestContext): boolean {
    const { secure } = this.#options
    if (secure !== 'auto') return secure === true
    if (connection.encrypted) return true
    return (
      connection.fromTrustedProxy === true && request.headers.get('x-forwarded-proto') === 'https'
    )
  }
}

function hasTried({ attempts }: Exchange, endpoint: Endpoint): boolean {
  return attempts?.some((attempt) => attempt.endpoint === endpoint) === true
}

/** True if it is only full for the moment, rather than kept from all traffic. */
function isBusy({ healthy, full, active, weight }: Endpoint): boolean {
  return healthy && full && active > 0 && weight > 0
}
