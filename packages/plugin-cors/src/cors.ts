import {
  ContextKey,
  defineMiddleware,
  GatewayResponse,
  type HeaderList,
  type MiddlewareFactory,
  type RequestContext,
} from '@gatewright/kernel'
import { errors } from './errors.ts'
import { type CorsOptions, schema } from './options.ts'
import { adviceOnOrder } from './order.ts'
import { OriginList } from './origin-list.ts'
import { Permissions, type Preflight, preflightOf } from './preflight.ts'
import { Vary } from './vary.ts'

const allowOrigin = 'access-control-allow-origin'

/** What an upstream may have sent; `Allow-Credentials` beside our origin would be a hole. */
const ownFields = [
  allowOrigin,
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-private-network',
  'access-control-expose-headers',
  'access-control-max-age',
]

const preflightFields = [
  'Access-Control-Request-Method',
  'Access-Control-Request-Headers',
  'Access-Control-Request-Private-Network',
]

/** The `cors` middleware type (Fetch standard, section 3.3, "HTTP CORS protocol"). */
export const cors: MiddlewareFactory<CorsOptions> = defineMiddleware({
  type: 'cors',
  schema,
  create(options) {
    const policy = new Cors(options)
    return {
      onRequest: (ctx) => policy.enter(ctx),
      onResponse: (ctx, response) => policy.leave(ctx, response),
    }
  },
  advise: adviceOnOrder,
})

/** What a request said on its way in; middlewares behind may change it. */
interface Asked {
  readonly origin: string
  readonly allowed: boolean
  readonly preflight: Preflight | undefined
}

class Cors {
  readonly #origins: OriginList
  readonly #permissions: Permissions
  /** True if all responses say `*`, also those to requests that no page of another origin sent. */
  readonly #sameForAll: boolean
  readonly #credentials: boolean
  readonly #exposed: string
  readonly #continues: boolean
  readonly #overrides: boolean
  readonly #vary = new Vary(['Origin'])
  readonly #preflightVary: Vary
  readonly #asked = new ContextKey<Asked>('cors.asked')

  constructor(options: CorsOptions) {
    this.#origins = new OriginList(options)
    this.#permissions = new Permissions(options)
    this.#credentials = options.allow_credentials
    this.#sameForAll = this.#origins.any
    this.#exposed = options.exposed_headers.join(', ')
    this.#continues = options.preflight_continue
    this.#overrides = options.override_upstream
    this.#preflightVary = new Vary(
      this.#sameForAll ? preflightFields : ['Origin', ...preflightFields],
    )
    if (!this.#credentials) return
    const inExposed = options.exposed_headers.includes('*')
    if (!this.#origins.any && !inExposed) return
    const key = inExposed ? 'exposed_headers' : 'allowed_origins'
    throw errors.GW_CORS_CREDENTIALS({ key }, { option: ['allow_credentials'] })
  }

  enter(ctx: RequestContext): GatewayResponse | undefined {
    const { request } = ctx
    const origin = request.headers.get('origin')
    if (origin === undefined) return undefined
    const preflight = preflightOf(request)
    if (this.#sameForAll && preflight === undefined) return undefined
    const allowed = this.#origins.allows(origin)
    ctx.set(this.#asked, { origin, allowed, preflight })
    if (preflight === undefined) return undefined
    if (allowed && this.#continues) return undefined
    const response = allowed
      ? new GatewayResponse({ status: 204 })
      : ctx.fail(errors.GW_CORS_ORIGIN_DENIED({ origin }))
    // What a filter answers itself does not come back through it.
    this.leave(ctx, response)
    return response
  }

  leave(ctx: RequestContext, { headers }: GatewayResponse): undefined {
    const asked = ctx.get(this.#asked)
    this.#addVary(asked, headers)
    if (!this.#overrides && headers.has(allowOrigin)) return
    for (const name of ownFields) headers.delete(name)
    // Also without an Origin: a cache may give the response to a page of another origin later.
    if (this.#sameForAll) this.#allow(headers, '*')
    else if (asked?.allowed === true) this.#allow(headers, asked.origin)
    if (asked?.allowed !== true || asked.preflight === undefined) return
    this.#permissions.addTo(headers, asked.preflight)
  }

  #addVary(asked: Asked | undefined, headers: HeaderList): void {
    if (asked?.preflight !== undefined) this.#preflightVary.addTo(headers)
    else if (!this.#sameForAll) this.#vary.addTo(headers)
  }

  #allow(headers: HeaderList, origin: string): void {
    headers.set(allowOrigin, origin)
    if (this.#credentials) headers.set('access-control-allow-credentials', 'true')
    if (this.#exposed !== '') headers.set('access-control-expose-headers', this.#exposed)
  }
}
