import { consumerKey, urlForLogs } from '@gatewright/identity'
import {
  ContextKey,
  defineMiddleware,
  type Filter,
  GatewayResponse,
  HeaderList,
  type MiddlewareFactory,
  type RequestContext,
  type Scope,
} from '@gatewright/kernel'
import { type Answer, AuthClient, problemWith } from './auth-client.ts'
import { errors } from './errors.ts'
import { IdentityAnswer } from './identity-answer.ts'
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
    }
    if (options.add_auth_cookies_to_response.length > 0) {
      filter.onResponse = (ctx, response) => auth.giveCookies(ctx, response)
    }
    return filter
  },
})

/** A middleware that stays silent for 10 s fails its exchange, whatever `fail_open` says. */
const longestTimeoutMs = 9000

/** One middleware. */
class ForwardAuth {
  readonly #options: ForwardAuthOptions
  readonly #log: Scope['log']
  readonly #client: AuthClient
  readonly #identity: IdentityAnswer
  readonly #asked: ReadonlySet<string> | undefined
  readonly #cookies: ReadonlySet<string>
  /** `Set-Cookie` values that the client is to get with its response. */
  readonly #given = new ContextKey<readonly string[]>('forward-auth.cookies')

  constructor(options: ForwardAuthOptions, scope: Scope) {
    const { max_connections: connections, auth_request_headers: asked } = options
    this.#options = { ...options, timeout: Math.min(options.timeout, longestTimeoutMs) }
    this.#log = scope.log
    this.#identity = new IdentityAnswer(options)
    this.#asked = asked === undefined ? undefined : new Set(asked.map((name) => name.toLowerCase()))
    this.#cookies = new Set(options.add_auth_cookies_to_response)
    this.#client = scope.keep(
      `forward-auth:${connections}:${new URL(options.forward_auth_url).origin}`,
      () => new AuthClient(connections),
    )
  }

  /** Whatever comes of it: the upstream must not take a client's word for ours. */
  forget(ctx: RequestContext): void {
    this.#identity.clear(ctx.request.headers)
  }

  async decide(ctx: RequestContext): Promise<GatewayResponse | undefined> {
    this.forget(ctx)
    const { headers } = ctx.request
    const { forward_body: withBody, max_body_bytes: maxBytes } = this.#options
    const body = withBody ? await bufferBody(ctx.request, maxBytes) : undefined
    let answer: Answer
    try {
      answer = await this.#ask(ctx, body)
    } catch (error) {
      return this.#undecided(ctx, error)
    }
    if (answer.status < 200 || answer.status > 299) return relayed(answer)
    this.#identity.copy(answer.headers, headers)
    const consumer = this.#identity.consumerIn(answer.headers)
    if (consumer !== undefined) ctx.set(consumerKey, consumer)
    const cookies = this.#cookiesIn(answer.headers)
    if (cookies.length > 0) ctx.set(this.#given, cookies)
    return undefined
  }

  giveCookies(ctx: RequestContext, { headers }: GatewayResponse): void {
    for (const cookie of ctx.get(this.#given) ?? []) headers.append('set-cookie', cookie)
  }

  #ask(ctx: RequestContext, body: Buffer | undefined): Promise<Answer> {
    const { forward_auth_url: url, method, timeout, max_response_bytes: maxBytes } = this.#options
    return this.#client.ask({
      url,
      method: body === undefined ? method : 'POST',
      headers: questionFields(ctx, this.#asked, body !== undefined),
      body,
      timeoutMs: timeout,
      maxBytes,
      signal: ctx.signal,
    })
  }

  #undecided(ctx: RequestContext, cause: unknown): GatewayResponse | undefined {
    if (ctx.abortedBy !== undefined) return ctx.fail(ctx.abortedBy)
    const { timeout, fail_open: open, on_error_status: status } = this.#options
    const url = urlForLogs(this.#options.forward_auth_url)
    const problem = problemWith(cause, timeout)
    this.#log.warn({ url, problem, passed: open }, 'auth server did not decide')
    if (open) return undefined
    const error = errors.GW_FORWARD_AUTH_UNAVAILABLE({ url, problem }, { cause })
    return new GatewayResponse({ status, error })
  }

  #cookiesIn(answer: HeaderList): readonly string[] {
    if (this.#cookies.size === 0) return []
    return answer
      .getAll('set-cookie')
      .filter((cookie) => this.#cookies.has(cookie.slice(0, cookie.indexOf('=')).trim()))
  }
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
