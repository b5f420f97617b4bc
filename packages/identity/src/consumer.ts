import { ContextKey } from '@gatewright/kernel'

/** Who a request comes from, once a middleware has made sure of it. */
export interface Consumer {
  /** Unique among the consumers of the gateway: a user name, the subject of a token. */
  readonly name: string
  /** What else is known: the claims of a token, for instance. Empty if nothing is. */
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * The consumer of an exchange; missing as long as no middleware has made sure of one. If several
 * do, the last one counts. Limits and logs read it: `ctx.get(consumerKey)?.name`.
 */
export const consumerKey: ContextKey<Consumer> = new ContextKey<Consumer>('consumer')
