import {
  type Attempt,
  type Awaitable,
  defineServiceFeature,
  type EndpointPool,
  type GatewayResponse,
  type Handler,
  type RequestContext,
  type ServiceFeature,
  type ServiceFeatureFactory,
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
  return defineServiceFeature({
    type: 'websocket',
    parent: 'service',
    schema,
    // It only looks at responses of attempts, before anything else does.
    stage: 0,
    needsNoServers: ({ mux }) => mux !== false,
    create({ idle_timeout: idleMs, mux }, service, scope) {
      if (mux === false) return new WebSocketBounds(idleMs)
      const settings = { ...(mux === true ? defaultMux : mux), idle_timeout: idleMs }
      return new Multiplexing(new Mux(settings, service, scope, guards()), service.pool)
    },
  })
}

/** Answers WebSockets itself, and leaves plain requests to the servers, if there are any. */
class Multiplexing implements ServiceFeature {
  readonly #mux: Mux
  readonly #pool: EndpointPool

  constructor(mux: Mux, pool: EndpointPool) {
    this.#mux = mux
    this.#pool = pool
  }

  around(ctx: RequestContext, next: Handler): Awaitable<GatewayResponse> {
    if (ctx.request.upgrade === 'websocket') return this.#mux.answer(ctx)
    if (this.#pool.all.length > 0) return next(ctx)
    throw errors.GW_WEBSOCKET_REQUIRED(undefined, { headers: ['upgrade', 'websocket'] })
  }
}

/** Puts bounds around the connections that have switched. */
class WebSocketBounds implements ServiceFeature {
  readonly #idleMs: number

  constructor(idleMs: number) {
    this.#idleMs = idleMs
  }

  onResponse(ctx: RequestContext, _attempt: Attempt, response: GatewayResponse): void {
    const { upgrade } = response
    if (upgrade === undefined || ctx.request.upgrade !== 'websocket' || this.#idleMs === 0) return
    response.upgrade = new IdleStream(upgrade, this.#idleMs, ctx)
  }
}
