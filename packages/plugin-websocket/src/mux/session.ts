import type { Hub, Subscriber } from './hub.ts'

/** What a client wants to do that somebody may forbid. */
export type ChannelAction = 'subscribe' | 'publish'

/** Whether a client may do something; what is not known at once comes later. */
export type Permission = boolean | PromiseLike<boolean>

/** How a session reaches its client, and who decides what the client may do. */
export interface SessionHost extends Subscriber {
  reply(text: string): void
  permits(action: ChannelAction, channel: string, payload: string | undefined): Permission
}

/** Bounds of one session. */
export interface SessionLimits {
  readonly maxChannels: number
  /** Whether the client gets what it publishes itself. */
  readonly echo: boolean
}

/** No colon, since it ends the name in a frame; no underscore in front, since commands have it. */
const channelName = /^[^:\s_][^:]{0,127}$/u

/** What one client says to the hub, and what it is answered. */
export class Session {
  readonly #hub: Hub
  readonly #host: SessionHost
  readonly #limits: SessionLimits
  readonly #channels = new Set<string>()
  #closed = false

  constructor(hub: Hub, host: SessionHost, limits: SessionLimits) {
    this.#hub = hub
    this.#host = host
    this.#limits = limits
  }

  /** Takes one text frame. Comes back with a promise if it has to wait before the next one. */
  take(text: string): void | PromiseLike<void> {
    if (text === '_ping') return this.#host.reply('_pong')
    if (text === '_list') return this.#list()
    const colon = text.indexOf(':')
    if (colon < 0) return this.#host.reply('_error:invalid message format')
    const name = text.slice(0, colon)
    const rest = text.slice(colon + 1)
    if (name === '_sub') return this.#subscribe(rest.trim())
    if (name === '_unsub') return this.#unsubscribe(rest.trim())
    return this.#publish(name, rest)
  }

  /** The client has gone: leaves every channel. */
  close(): void {
    this.#closed = true
    for (const channel of this.#channels) this.#hub.leave(channel, this.#host)
    this.#channels.clear()
  }

  #list(): void {
    // By code units, so that it is the same everywhere.
    this.#host.reply(`_channels:${JSON.stringify([...this.#channels].toSorted())}`)
  }

  #subscribe(channel: string): void | PromiseLike<void> {
    const { maxChannels } = this.#limits
    if (!channelName.test(channel)) return this.#host.reply('_error:invalid channel')
    if (this.#channels.size >= maxChannels) {
      return this.#host.reply(`_error:max channels (${maxChannels}) reached`)
    }
    if (this.#channels.has(channel)) {
      return this.#host.reply(`_ok:already subscribed to ${channel}`)
    }
    return this.#ifPermitted('subscribe', channel, undefined, () => {
      this.#channels.add(channel)
      this.#hub.join(channel, this.#host)
      this.#host.reply(`_ok:subscribed to ${channel}`)
    })
  }

  #unsubscribe(channel: string): void {
    if (!channelName.test(channel)) return this.#host.reply('_error:invalid channel')
    const known = this.#channels.delete(channel)
    if (known) this.#hub.leave(channel, this.#host)
    this.#host.reply(
      known ? `_ok:unsubscribed from ${channel}` : `_ok:not subscribed to ${channel}`,
    )
  }

  #publish(channel: string, payload: string): void | PromiseLike<void> {
    if (!this.#channels.has(channel)) return
    return this.#ifPermitted('publish', channel, payload, () => {
      this.#hub.publish(channel, payload, this.#limits.echo ? undefined : this.#host)
    })
  }

  #ifPermitted(
    action: ChannelAction,
    channel: string,
    payload: string | undefined,
    act: () => void,
  ): void | PromiseLike<void> {
    const settle = (permitted: boolean): void => {
      if (this.#closed) return
      if (permitted) act()
      else this.#host.reply(`_error:not allowed to ${action} to ${channel}`)
    }
    const permission = this.#host.permits(action, channel, payload)
    if (typeof permission === 'boolean') return settle(permission)
    return permission.then(settle)
  }
}
