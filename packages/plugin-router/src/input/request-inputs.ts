import type { RequestContext } from '@gatewright/kernel'
import type { RouterOptions } from '../options.ts'
import { effectiveHost } from './effective-host.ts'
import { isOrdinary, routingPath } from './routing-path.ts'

/**
 * What matchers look at, computed once for the exchange that is being routed. Routing an exchange
 * is synchronous, so there is only one at a time.
 */
export class RequestInputs {
  #current: RequestContext | undefined = undefined
  #host = ''
  #path = ''
  /** Of the last exchange; the next one often has the same. */
  #authority = ''
  #lastHost = ''

  /**
   * Looks at an exchange; pair with {@link RequestInputs.end}. May change the path of the request.
   * Throws GW_ROUTER_MALFORMED_PATH or GW_ROUTER_UNSAFE_PATH.
   */
  begin(ctx: RequestContext, normalization: RouterOptions['path_normalization']): void {
    const { request } = ctx
    const { path } = request
    if (isOrdinary(path)) {
      this.#path = path
    } else {
      const { routed, forwarded } = routingPath(path, normalization)
      if (forwarded !== undefined) request.path = forwarded
      this.#path = routed
    }
    const { authority } = request
    if (authority !== this.#authority) {
      this.#lastHost = effectiveHost(authority)
      this.#authority = authority
    }
    this.#host = this.#lastHost
    this.#current = ctx
  }

  /** Lets go of the exchange, so that nothing keeps it in memory. */
  end(): void {
    this.#current = undefined
    this.#host = ''
    this.#path = ''
  }

  /** Host without port and trailing dot, lower-case; empty if there is none. */
  host(ctx: RequestContext): string {
    return ctx === this.#current ? this.#host : effectiveHost(ctx.request.authority)
  }

  /** Path with escapes of unreserved characters decoded, one character per byte. */
  path(ctx: RequestContext): string {
    if (ctx === this.#current) return this.#path
    const { path } = ctx.request
    return isOrdinary(path) ? path : routingPath(path, 'raw').routed
  }
}
