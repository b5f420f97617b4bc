import type {
  Attempt,
  GatewayResponse,
  RequestContext,
  ServiceFeature,
  ServiceFeatureFactory,
} from '@gatewright/kernel'
import { IdleStream } from './idle-stream.ts'
import { schema, type WebSocketOptions } from './options.ts'

/** The `websocket` block of a service. */
export const webSocketBounds: ServiceFeatureFactory<WebSocketOptions> = {
  type: 'websocket',
  parent: 'service',
  schema,
  // It only looks at responses of attempts, before anything else does.
  stage: 0,
  create: (options) => new WebSocketBounds(options),
}

/** Puts bounds around the connections that have switched. */
class WebSocketBounds implements ServiceFeature {
  readonly #idleMs: number

  constructor(options: WebSocketOptions) {
    this.#idleMs = options.idle_timeout
  }

  onResponse(ctx: RequestContext, _attempt: Attempt, response: GatewayResponse): void {
    const { upgrade } = response
    if (upgrade === undefined || ctx.request.upgrade !== 'websocket' || this.#idleMs === 0) return
    response.upgrade = new IdleStream(upgrade, this.#idleMs, ctx)
  }
}
