import type { GatewayConfig } from '@gatewright/kernel'

/** Types that answer 401 to whoever brings no credentials, which preflights never do. */
const askForCredentials = new Set(['api-key', 'basic-auth', 'forward-auth', 'jwt'])

/** A router that answers preflights with 401, because credentials are asked for before. */
export interface WrongOrder {
  readonly router: string
  readonly middleware: string
  readonly before: string
}

/** Where a middleware that asks for credentials stands in front of one of type `cors`. */
export function wrongOrders(config: GatewayConfig): WrongOrder[] {
  return Object.entries(config.routers).flatMap(([router, { middlewares }]) => {
    const types = middlewares.map((name) => config.middlewares[name]?.type ?? '')
    const cors = types.indexOf('cors')
    const auth = types.findIndex((type) => askForCredentials.has(type))
    const [middleware, before] = [middlewares[auth], middlewares[cors]]
    if (middleware === undefined || before === undefined || auth > cors) return []
    return [{ router, middleware, before }]
  })
}
