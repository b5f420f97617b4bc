import { type Awaitable, RegistryKey, type RequestContext } from '@gatewright/kernel'
import type { ChannelAction } from './session.ts'

/** What a client of a multiplexer wants to do. */
export interface ChannelRequest {
  readonly action: ChannelAction
  readonly channel: string
  /** What is to be published. */
  readonly payload: string | undefined
  /** Name of the service. */
  readonly service: string
  /**
   * The exchange of the client's handshake, which lasts as long as its connection: who it is, as the
   * middlewares of the router found out, and where it comes from.
   */
  readonly ctx: RequestContext
}

/** Decides what clients may do with the channels of multiplexers. */
export interface ChannelGuard {
  /** Unique; stands in the log. */
  readonly type: string
  /**
   * Asked before a client subscribes to a channel or publishes to one that it has subscribed to;
   * every guard must agree. Frames of the same client wait meanwhile, and others do not. To throw,
   * or to take longer than ten seconds, is to refuse, and is logged.
   */
  allows(request: ChannelRequest): Awaitable<boolean>
}

/**
 * Where plugins register their {@link ChannelGuard}s.
 *
 * @example
 * ```ts
 * export default definePlugin({
 *   name: 'chat-rooms',
 *   setup(gateway) {
 *     gateway.registry(channelGuards).register({
 *       type: 'chat-rooms',
 *       allows: ({ channel, ctx }) =>
 *         !channel.startsWith('staff/') || ctx.request.headers.get('x-role') === 'staff',
 *     })
 *   },
 * })
 * ```
 */
export const channelGuards: RegistryKey<ChannelGuard> = new RegistryKey('channel guard')
