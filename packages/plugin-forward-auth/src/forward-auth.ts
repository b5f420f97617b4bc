import { hash } from 'node:crypto'
import { consumerKey, urlForLogs } from '@gatewright/identity'
import {
  type Awaitable,
  ContextKey,
  defineMiddleware,
  type Filter,
  GatewayResponse,
  HeaderList,
  type MiddlewareFactory,
  type RequestContext,
  type Scope,
} from '@gatewright/kernel'
import { openClientTls } from '@gatewright/tls'
import { AnswerCache } from './answer-cache.ts'
import { type Answer, AuthClient, problemWith, type Question } from './auth-client.ts'
import { Breaker } from './breaker.ts'
import { errors } from './errors.ts'
import { type Identity, IdentityAnswer } from './identity-answer.ts'
import { belongsToMessage, namedByConnection } from './message-fields.ts'
import { type ForwardAuthOptions, schema } from './options.ts'
import { questionFields } from './question.ts'
import { bufferBody } from './request-body.ts'

/** The `forward-auth` middleware type. */
export const forwardAuth: MiddlewareFactory<ForwardAuthOptions> = defineMiddleware({
  type: 'forward-auth',
  schema,
  create(options, scope) {
    const auth = new ForwardAuth(options, scope)
    const filter: Filter = {
      onRequest: (ctx) => auth.decide(ctx),
      onSkip: (ctx) => auth.forget(ctx),
      patienceMs: options.timeout + beyondTimeoutMs,
    }
    if (options.add_auth_cookies_to_response.length > 0) {
      filter.onResponse = (ctx, response) => auth.giveCookies(ctx, response)
    }
    return filter
  },
})

/**
 * How much longer than `timeout` a decision may take, for the body of a request to arrive: above
 * that the gateway fails the exchange, whatever `fail_open` says.
 */
const beyondTimeoutMs = 5000

/** What there is to a question beside its fields. */
interface Asking {
  readonly body?: Buffer
  /** Where the answer may be kept. */
  readonly key?: string
  /** How much of the timeout is over. */
  readonly waitedMs?: number
}

/** One middleware. */
class ForwardAuth {
  readonly #options: ForwardAuthOptions
  readonly #log: Scope['log']
  readonly #client: AuthClient
  readonly #breaker: Breaker
  readonly #cache: AnswerCache | undefined
  /** Questions that are under way, by where their answers may be kept. */
  readonly #asking = new Map<string, Promise<unknown>>()
  readonly #identity: IdentityAnswer
  readonly #asked: ReadonlySet<string> | undefined
  readonly #cookies: ReadonlySet<string>
  /** `Set-Cookie` values that the client is to get with its response. */
  readonly #given = new ContextKey<readonly string[]>('forward-auth.cookies')

  constructor(options: ForwardAuthOptions, scope: Scope) {
    const { auth_request_headers: asked } = options
    this.#options = options
    this.#log = scope.log
    this.#identity = new IdentityAnswer(options)
    this.#asked = asked && lowerCaseSet(asked)
    this.#cookies = new Set(options.add_auth_cookies_to_response)
    const origin = originOf(options.forward_auth_url)
    this.#client = clientOf(options, scope, origin)
    this.#breaker = breakerOf(options, scope, origin)
    this.#cache = cacheOf(options, scope)
  }

  /** Whatever comes of it: the upstream must not take a client's word for ours. */
  forget(ctx: RequestContext): void {
    this.#identity.clear(ctx.request.headers)
  }

  decide(ctx: RequestContext): Awaitable<GatewayResponse | undefined> {
    this.forget(ctx)
    if (this.#options.forward_body) return this.#decideWithBody(ctx)
    const fields = questionFields(ctx, this.#asked, false)
    const key = this.#cache?.keyOf(fields)
    if (key === undefined) return this.#ask(ctx, fields)
    return this.#passKnown(ctx, key) ? undefined : this.#askOnce(ctx, fields, key)
  }

  giveCookies(ctx: RequestContext, { headers }: GatewayResponse): void {
    for (const cookie of ctx.get(this.#given) ?? []) headers.append('set-cookie', cookie)
  }

  async #decideWithBody(ctx: RequestContext): Promise<GatewayResponse | undefined> {
    const body = await bufferBody(ctx.request, this.#options.max_body_bytes)
    return await this.#ask(ctx, questionFields(ctx, this.#asked, true), { body })
  }

  /**
   * Of requests that come together, as those of a page do, one asks. The others wait for what is
   * remembered of that, and ask themselves if nothing is: a refusal may be for one of them only.
   */
  async #askOnce(
    ctx: RequestContext,
    fields: string[],
    key: string,
  ): Promise<GatewayResponse | undefined> {
    const first = this.#asking.get(key)
    if (first === undefined) {
      const asking = this.#ask(ctx, fields, { key }).finally(() => this.#asking.delete(key))
      this.#asking.set(key, asking)
      return await asking
    }
    const begun = performance.now()
    await Promise.allSettled([first])
    if (this.#passKnown(ctx, key)) return undefined
    return await this.#ask(ctx, fields, { key, waitedMs: performance.now() - begun })
  }

  #passKnown(ctx: RequestContext, key: string): boolean {
    const known = this.#cache?.get(key)
    if (known !== undefined) this.#letPass(ctx, known)
    return known !== undefined
  }

  async #ask(
    ctx: RequestContext,
    fields: string[],
    { body, key, waitedMs = 0 }: Asking = {},
  ): Promise<GatewayResponse | undefined> {
    if (!this.#breaker.tryAsk()) return this.#undecided(ctx, 'it failed too often and has a rest')
    let answer: Answer
    try {
      answer = await this.#client.ask(this.#question(ctx, fields, body, waitedMs))
      this.#breaker.settle('answer')
    } catch (error) {
      this.#count(ctx)
      return this.#undecided(ctx, problemWith(error, this.#options.timeout), error)
    }
    if (answer.status < 200 || answer.status > 299) return relayed(answer)
    const identity = this.#identity.read(answer.headers)
    this.#letPass(ctx, identity)
    const cookies = this.#cookiesIn(answer.headers)
    // A cookie is for one client.
    if (cookies.length > 0) ctx.set(this.#given, cookies)
    else if (key !== undefined) this.#cache?.add(key, identity, answer.headers)
    return undefined
  }

  #letPass(ctx: RequestContext, identity: Identity): void {
    this.#identity.tell(identity, ctx.request.headers)
    if (identity.consumer !== undefined) ctx.set(consumerKey, identity.consumer)
  }

  #question(
    ctx: RequestContext,
    headers: string[],
    body: Buffer | undefined,
    waitedMs: number,
  ): Question {
    const { forward_auth_url: url, method, timeout, max_response_bytes: maxBytes } = this.#options
    return {
      url,
      method: body === undefined ? method : 'POST',
      headers,
      body,
      timeoutMs: Math.max(1, Math.ceil(timeout - waitedMs)),
      maxBytes,
      signal: ctx.signal,
    }
  }

  /** A client that did not wait says nothing about the auth server. */
  #count(ctx: RequestContext): void {
    if (!this.#breaker.settle(ctx.abortedBy === undefined ? 'failure' : 'neither')) return
    const { breaker_failures: failures, breaker_cooldown: restMs } = this.#options
    const url = urlForLogs(this.#options.forward_auth_url)
    this.#log.warn({ url, failures, restMs }, 'auth server is given a rest')
  }

  #undecided(ctx: RequestContext, problem: string, cause?: unknown): GatewayResponse | undefined {
    if (ctx.abortedBy !== undefined) return ctx.fail(ctx.abortedBy)
    const { fail_open: open, on_error_status: status } = this.#options
    const url = urlForLogs(this.#options.forward_auth_url)
    if (open) {
      this.#log.warn({ url, problem, passed: true }, 'auth server did not decide')
      return undefined
    }
    // The gateway logs it as any other failure.
    return ctx.fail(errors.GW_FORWARD_AUTH_UNAVAILABLE({ url, problem }, { cause, status }))
  }

  #cookiesIn(answer: HeaderList): readonly string[] {
    if (this.#cookies.size === 0) return []
    return answer
      .getAll('set-cookie')
      .filter((cookie) => this.#cookies.has(cookie.slice(0, cookie.indexOf('=')).trim()))
  }
}

/** Throws GW_FORWARD_AUTH_BAD_URL or GW_FORWARD_AUTH_URL. */
function originOf(text: string): string {
  const url = URL.parse(text)
  if (url === null) {
    throw errors.GW_FORWARD_AUTH_BAD_URL(undefined, { option: ['forward_auth_url'] })
  }
  if (url.username === '' && url.password === '') return url.origin
  throw errors.GW_FORWARD_AUTH_URL(undefined, { option: ['forward_auth_url'] })
}

/** Throws GW_TLS_… and GW_FORWARD_AUTH_TLS. */
function clientOf(options: ForwardAuthOptions, scope: Scope, origin: string): AuthClient {
  const { max_connections: connections, upstream_tls: tlsOptions } = options
  const key = `forward-auth:${connections}:${origin}`
  if (origin.startsWith('https:')) {
    const tls = openClientTls(tlsOptions, scope)
    scope.onActivate(() => tls.prepare())
    return scope.keep(
      `${key}:${tls.key}`,
      () => new AuthClient(connections, tls.dialer(['http/1.1'])),
    )
  }
  if (tlsOptions === undefined) return scope.keep(key, () => new AuthClient(connections))
  throw errors.GW_FORWARD_AUTH_TLS(undefined, { option: ['upstream_tls'] })
}

/** All paths of a server are there or gone together. */
function breakerOf(options: ForwardAuthOptions, scope: Scope, origin: string): Breaker {
  const { breaker_failures: most, breaker_cooldown: cooldownMs } = options
  const key = `forward-auth-breaker:${scope.name}:${origin}:${most}:${cooldownMs}`
  return scope.keep(key, () => new Breaker(most, cooldownMs))
}

/** Throws GW_FORWARD_AUTH_CACHE. */
function cacheOf(options: ForwardAuthOptions, scope: Scope): AnswerCache | undefined {
  const { cache_ttl: ttlMs, cache_key_headers: names } = options
  if (ttlMs === 0) return undefined
  if (options.forward_body) throw errors.GW_FORWARD_AUTH_CACHE(undefined, { option: ['cache_ttl'] })
  // Whatever is asked in another way, or understood in another way, is asked again. The URL may hold
  // a password, and keys of resources may be logged.
  const digest = hash('sha256', JSON.stringify(options))
  return scope.keep(
    `forward-auth-answers:${scope.name}:${digest}`,
    () => new AnswerCache(ttlMs, names && lowerCaseSet(names)),
  )
}

function lowerCaseSet(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toLowerCase()))
}

/** The decision of the auth server as the client's response, with its redirects and cookies. */
function relayed({ status, headers, body }: Answer): GatewayResponse {
  const ofConnection = namedByConnection(headers)
  const fields = new HeaderList()
  for (const [name, value] of headers) {
    if (!belongsToMessage(name) && !ofConnection.has(name)) fields.append(name, value)
  }
  // The question and the client's own request may differ in whether there is a body.
  return new GatewayResponse({ status, headers: fields, body })
}
