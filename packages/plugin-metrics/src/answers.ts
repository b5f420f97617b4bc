import type { RequestContext, Snapshot } from '@gatewright/kernel'
import type { Family } from './family.ts'
import { Tally, tallyFamily } from './tally.ts'

const limiting = new Set(['rate-limit', 'rate-limit-redis'])
const authenticating = new Set(['api-key', 'basic-auth', 'jwt', 'forward-auth'])

/** Counts what middlewares and services did in the place of the usual. */
export class Answers {
  readonly #limited = new Tally(['middleware', 'router'] as const)
  readonly #denied = new Tally(['middleware', 'reason'] as const)
  readonly #retries = new Tally(['router', 'reason'] as const)
  readonly #failovers = new Tally(['service', 'to'] as const)
  readonly #codes = new Tally(['service', 'grpc_code'] as const)
  readonly #gatewayErrors = new Tally(['code', 'source'] as const)

  ended(ctx: RequestContext): void {
    const { response, attempts, route } = ctx
    const error = response?.error
    if (error !== undefined) {
      this.#gatewayErrors.add([error.code, error.source])
      if (ctx.answeredBy !== undefined) this.#answered(ctx, ctx.answeredBy, error.code)
    }
    if (attempts === undefined || route === undefined) return
    const last = attempts.at(-1)
    if (attempts.length > 1) {
      for (const { error: failure } of attempts.slice(0, -1)) {
        this.#retries.add([route.router, reasonOf(failure?.code)])
      }
    }
    if (last === undefined) return
    if (last.service.name !== route.service) this.#failovers.add([route.service, last.service.name])
    if (last.code !== undefined) this.#codes.add([last.service.name, last.code])
  }

  families(snapshot: Snapshot): Family[] {
    const { routers, middlewares } = snapshot.config
    const isRouter = (name: string): boolean => Object.hasOwn(routers, name)
    const isMiddleware = (name: string): boolean => Object.hasOwn(middlewares, name)
    const isService = (name: string): boolean => snapshot.services.has(name)
    const retries = 'Attempts that were followed by another one'
    const limited = 'Requests that a limit refused'
    const denied = 'Requests that were not let in'
    const failovers = 'Requests that went to another service'
    const errors = 'Errors that the gateway answered with'
    return [
      tallyFamily('retries_total', retries, this.#retries, [isRouter]),
      tallyFamily('rate_limited_total', limited, this.#limited, [isMiddleware]),
      tallyFamily('auth_failures_total', denied, this.#denied, [isMiddleware]),
      tallyFamily('failover_total', failovers, this.#failovers, [isService]),
      tallyFamily('grpc_responses_total', 'Calls of gRPC by status', this.#codes, [isService]),
      tallyFamily('errors_total', errors, this.#gatewayErrors, []),
    ]
  }

  #answered({ route, snapshot }: RequestContext, answeredBy: string, code: string): void {
    const middleware = /^middleware "(.*)"$/.exec(answeredBy)?.[1]
    if (middleware === undefined) return
    const type = snapshot.config.middlewares[middleware]?.type ?? ''
    if (limiting.has(type)) this.#limited.add([middleware, route?.router ?? ''])
    else if (authenticating.has(type)) this.#denied.add([middleware, code])
  }
}

/** Why a try was followed by another one, in a few words. */
function reasonOf(code: string | undefined): string {
  switch (code) {
    case undefined:
      return 'status'
    case 'GW_UPSTREAM_RESPONSE_TIMEOUT':
    case 'GW_UPSTREAM_CONNECT_TIMEOUT':
      return 'timeout'
    case 'GW_UPSTREAM_RESET':
      return 'reset'
    default:
      return 'connect'
  }
}
