import type {
  Attempt,
  Awaitable,
  EndpointPool,
  GatewayResponse,
  Handler,
  RequestContext,
  ServiceFeature,
  ServiceFeatureFactory,
} from '@gatewright/kernel'
import { errors } from './errors.ts'
import { IdleStream } from './idle-stream.ts'
import type { ChannelGuard } from './mux/channel-guard.ts'
import { Mux } from './mux/mux.ts'
import { defaultMux } from './mux/options.ts'
import { schema, type WebSocketOptions } from './options.ts'

/**
 * The `websocket` block of a service.
 * @param guards Those of the channels of multiplexers, once all of them are known.
 */
export function webSocketFeature(
  guards: () => readonly ChannelGuard[],
): ServiceFeatureFactory<WebSocketOptions> {
  return {
    type: 'websocket',
    parent: 'service',
    schema,
    // It only looks at responses of attempts, before anything else does.
    stage: 0,
    needsNoServers: ({ mux }) => mux !== false,
    create({ idle_timeout: idleMs, mux }, service, scope) {
      if (mux === false) return new WebSocketBounds(idleMs)
      const options = mux === true ? defaultMux : mux
      return new MuxBounds(new Mux(options, service, scope, guards()), service.pool, idleMs)
    },
  }
}

/** Answers WebSockets itself, and leaves plain requests to the servers, if there are any. */
class MuxBounds implements ServiceFeature {
  readonly #mux: Mux
  readonly #pool: EndpointPool
  readonly #idleMs: number

  constructor(mux: Mux, pool: EndpointPool, idleMs: number) {
    this.#mux = mux
    this.#pool = pool
    this.#idleMs = idleMs
  }

  around(ctx: RequestContext, next: Handler): Awaitable<GatewayResponse> {
    if (ctx.request.upgrade !== 'websocket') {
      if (this.#pool.all.length > 0) return next(ctx)
      throw errors.GW_WEBSOCKET_REQUIRED(undefined, {
        headers: ['upgrade', 'websocket'],
      })
    }
    const response = this.#mux.answer(ctx)
    bound(ctx, response, this.#idleMs)
    return response
  }
}

/** Puts bounds around the connections that have switched. */
class WebSocketBounds implements ServiceFeature {
  readonly #idleMs: number

  constructor(idleMs: number) {
    this.#idleMs = idleMs
  }

  onResponse(ctx: RequestContext, _attempt: Attempt, response: GatewayResponse): void {
    bound(ctx, response, this.#idleMs)
  }
}

function bound(ctx: RequestContext, response: GatewayResponse, idleMs: number): void {
  const { upgrade } = response
  if (upgrade === undefined || ctx.request.upgrade !== 'websocket' || idleMs === 0) return
  response.upgrade = new IdleStream(upgrade, idleMs, ctx)
}
