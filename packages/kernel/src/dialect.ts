/**
 * What clients speak inside requests of HTTP, with words of its own for success and failure.
 *
 * @module
 */
import { pluginFailure } from './failure.ts'
import type { GatewayError } from './gateway-error.ts'
import type { PluginRegistry } from './registry.ts'
import type { GatewayRequest, HttpVersion } from './request.ts'
import type { RequestContext } from './request-context.ts'
import type { GatewayResponse } from './response.ts'
import type { Attempt } from './service.ts'

/**
 * How the two sides of an exchange understand each other where a status of HTTP does not say it,
 * as in calls of gRPC. What it throws is logged, and the exchange goes on, but for
 * {@link Dialect.begin}.
 */
export interface Dialect {
  /** An exchange begins, before the `request` taps. What it throws is the answer. */
  begin?(ctx: RequestContext): void
  /**
   * An attempt got its response head, before anybody is told. Sets `attempt.code`, or has
   * `attempt.conclude` called when the body has said it.
   */
  arrived?(ctx: RequestContext, attempt: Attempt, response: GatewayResponse): void
  /**
   * The response is what the client would get, whoever made it, errors with their bodies. Puts it
   * into the words that the client understands; nobody changes it after that.
   * Also for a request that was refused at once, and of which {@link Dialect.begin} was not told.
   */
  answer(response: GatewayResponse, ctx: RequestContext): void
  /**
   * The exchange is given up while its response is on its way, and the client is still there.
   * Returns true if the body ends in order, with words that say so; else the protocol cuts it off.
   */
  interrupt?(ctx: RequestContext, error: GatewayError): boolean
}

/** Finds out which requests are in a dialect. A middleware may set `ctx.dialect` instead. */
export interface DialectFactory {
  readonly type: string
  /** Of clients whose requests may be in it; all others cost nothing. */
  readonly versions: readonly HttpVersion[]
  /**
   * Asked of each such request, so it must be quick. `undefined` if the request is not in this
   * dialect. What it throws is the answer, in the words of HTTP.
   */
  find(request: GatewayRequest): Dialect | undefined
}

const nobody: readonly DialectFactory[] = []

/** The dialects that are registered, by version of HTTP. */
export class KnownDialects {
  readonly #registry: PluginRegistry<DialectFactory>
  #byVersion: Readonly<Record<HttpVersion, readonly DialectFactory[]>> = {
    '1.0': nobody,
    '1.1': nobody,
    '2': nobody,
  }

  constructor(registry: PluginRegistry<DialectFactory>) {
    this.#registry = registry
  }

  /** Looks again what is registered; plugins come with configurations. */
  refresh(): void {
    const all = this.#registry.all()
    const of = (version: HttpVersion): DialectFactory[] =>
      all.filter(({ versions }) => versions.includes(version))
    this.#byVersion = { '1.0': of('1.0'), '1.1': of('1.1'), '2': of('2') }
  }

  /** What a request is in, beside HTTP. Throws why it is refused. */
  of(request: GatewayRequest): Dialect | undefined {
    const factories = this.#byVersion[request.version]
    for (let i = 0; i < factories.length; i++) {
      const dialect = this.#ask(factories[i], request)
      if (dialect !== undefined) return dialect
    }
    return undefined
  }

  #ask(factory: DialectFactory | undefined, request: GatewayRequest): Dialect | undefined {
    try {
      return factory?.find(request)
    } catch (error) {
      const type = factory?.type ?? ''
      const owner = `plugin "${this.#registry.ownerOf(type)}"`
      throw pluginFailure(error, owner, `dialect "${type}"`)
    }
  }
}
