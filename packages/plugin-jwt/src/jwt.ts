import { consumerKey, IdentityFields, setIdentityField } from '@gatewright/identity'
import {
  type Awaitable,
  defineMiddleware,
  type Filter,
  type GatewayErrorOptions,
  type GatewayRequest,
  type MiddlewareFactory,
  type RequestContext,
} from '@gatewright/kernel'
import { ClaimRules, claimAt, claimText, isAmbiguousList } from './claim-rules.ts'
import { errors } from './errors.ts'
import { openKeys } from './key-sources.ts'
import type { KeyRing } from './keys/key-ring.ts'
import { Objection } from './objection.ts'
import { type JwtOptions, schema } from './options.ts'
import { type AcceptedToken, TokenCache } from './token-cache.ts'
import { type TokenSource, tokenSources } from './token-source.ts'
import { Verifier } from './verifier.ts'

/** How many verified tokens are remembered. */
const rememberedTokens = 4096

/** The `jwt` middleware type. */
export const jwt: MiddlewareFactory<JwtOptions> = defineMiddleware({
  type: 'jwt',
  schema,
  async create(options, scope) {
    return new TokenCheck(options, await openKeys(options, scope))
  },
})

/** One middleware. A token that was seen before costs no promise. */
class TokenCheck implements Filter {
  readonly #ring: KeyRing
  readonly #verifier: Verifier
  readonly #cache = new TokenCache(rememberedTokens)
  readonly #sources: readonly TokenSource[]
  readonly #forwarded: readonly (readonly [field: string, claim: string])[]
  readonly #fields: IdentityFields
  readonly #removesToken: boolean
  readonly #maxBytes: number
  readonly #realm: string
  readonly #scopes: readonly string[]

  constructor(options: JwtOptions, ring: KeyRing) {
    const { forward_claims: forwarded, remove_token: removesToken, max_token_bytes: max } = options
    this.#ring = ring
    this.#verifier = new Verifier(ring, new ClaimRules(options), options)
    this.#sources = tokenSources(options)
    this.#fields = new IdentityFields(Object.keys(forwarded), ['forward_claims'])
    this.#forwarded = Object.entries(forwarded).map(([field, claim]) => [
      field.toLowerCase(),
      claim,
    ])
    this.#removesToken = removesToken
    this.#maxBytes = max
    this.#realm = options.realm
    this.#scopes = options.scopes
  }

  onSkip(ctx: RequestContext): void {
    this.#fields.clear(ctx.request.headers)
  }

  onRequest(ctx: RequestContext): Awaitable<void> {
    const { request } = ctx
    let token: string | undefined
    try {
      token = this.#tokenIn(request)
    } catch (error) {
      throw this.#answerTo(error)
    } finally {
      // Whatever comes of it: the upstream must not take a client's word for ours.
      this.#fields.clear(request.headers)
    }
    // RFC 6750 section 3.1: who sent no token is not told of an error.
    if (token === undefined) throw errors.GW_JWT_MISSING(undefined, this.#challenge(''))
    const nowSecs = Date.now() / 1000
    const known = this.#cache.get(token, nowSecs, this.#ring.version)
    return known === undefined ? this.#verify(ctx, token, nowSecs) : this.#accept(ctx, known)
  }

  async #verify(ctx: RequestContext, token: string, nowSecs: number): Promise<void> {
    const { version } = this.#ring
    try {
      const accepted = await this.#verifier.verify(token, nowSecs)
      this.#cache.add(token, accepted, version)
      this.#accept(ctx, accepted)
    } catch (error) {
      throw this.#answerTo(error)
    }
  }

  #tokenIn(request: GatewayRequest): string | undefined {
    for (const source of this.#sources) {
      const token = source.find(request)
      if (token === undefined) continue
      if (token.length > this.#maxBytes) throw new Objection('too long')
      return token
    }
    return undefined
  }

  #accept(ctx: RequestContext, { claims }: AcceptedToken): void {
    const { request } = ctx
    for (const [field, path] of this.#forwarded) {
      const value = claimAt(claims, path)
      const text = claimText(value)
      // Blanks around a field value do not count, so nothing would be left of it.
      if (text === undefined || text.trim() === '') continue
      if (isAmbiguousList(value) || !setIdentityField(request.headers, field, text)) {
        throw this.#answerTo(new Objection('claim'))
      }
    }
    if (this.#removesToken) for (const source of this.#sources) source.remove(request)
    const name = claims['sub']
    if (typeof name === 'string' && name.trim() !== '') ctx.set(consumerKey, { name, claims })
  }

  /** What the client is told of an objection (RFC 6750 section 3); anything else stays as it is. */
  #answerTo(error: unknown): unknown {
    if (!(error instanceof Objection)) return error
    const { kind, reason } = error
    if (kind === 'invalid') {
      return errors.GW_JWT_INVALID({ reason }, this.#challenge('invalid_token', reason))
    }
    const wanted = reason === 'scope' ? `, scope="${this.#scopes.join(' ')}"` : ''
    return errors.GW_JWT_FORBIDDEN(
      { reason },
      this.#challenge('insufficient_scope', reason, wanted),
    )
  }

  #challenge(error: string, description = '', wanted = ''): GatewayErrorOptions {
    const told = error === '' ? '' : `, error="${error}", error_description="${description}"`
    return { headers: ['www-authenticate', `Bearer realm="${this.#realm}"${told}${wanted}`] }
  }
}
