import { GatewayResponse, type RequestContext, type Scope, type Service } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import type { ChannelGuard } from './channel-guard.ts'
import { Handshakes } from './handshake.ts'
import { Hub, type HubCounts } from './hub.ts'
import { MuxConnection, type Permit } from './mux-connection.ts'
import type { MuxSettings } from './options.ts'
import { Permissions } from './permissions.ts'

/** The channels of a service, for plugins that have something to say on them. */
export interface Channels {
  readonly counts: HubCounts
  /**
   * Publishes to everybody who has subscribed; no guard is asked.
   * @returns How many that are; 0 for a channel that there is not.
   */
  publish(channel: string, payload: string): number
}

const known = new WeakMap<Service, Channels>()

/** The channels of a service of a snapshot; `undefined` if it has no multiplexer. */
export function channelsOf(service: Service): Channels | undefined {
  return known.get(service)
}

/** Answers handshakes in place of a server, and leads what clients say to the hub of the service. */
export class Mux {
  readonly #service: string
  readonly #settings: MuxSettings
  readonly #hub: Hub
  readonly #handshakes: Handshakes
  readonly #permissions: Permissions

  constructor(
    settings: MuxSettings,
    service: Service,
    scope: Scope,
    guards: readonly ChannelGuard[],
  ) {
    this.#service = service.name
    this.#settings = settings
    // Clients that connected under other options still share the channels.
    this.#hub = scope.keep(`websocket-mux:${service.name}`, () => new Hub())
    this.#handshakes = new Handshakes(settings.max_frame_bytes)
    this.#permissions = new Permissions(guards, scope.log)
    known.set(service, this.#hub)
  }

  /** The answer to a request to switch to WebSocket. */
  answer(ctx: RequestContext): GatewayResponse {
    ctx.answeredBy = `mux of service "${this.#service}"`
    const accepted = this.#handshakes.accept(ctx.request)
    if (accepted === undefined)
      throw errors.GW_WEBSOCKET_HANDSHAKE({ problem: 'it cannot be accepted' })
    const permit: Permit = (action, channel, payload) =>
      this.#permissions.ask({ action, channel, payload, service: this.#service, ctx })
    const connection = new MuxConnection(accepted.socket, this.#hub, this.#settings, permit)
    ctx.onDrain(() => connection.drain())
    return new GatewayResponse({
      status: 101,
      headers: accepted.headers,
      upgrade: accepted.stream,
    })
  }
}
