/** Gets the messages of the channels that it has joined. */
export interface Subscriber {
  /** @param frame `<channel>:<payload>` in UTF-8; not to be changed. */
  deliver(channel: string, frame: Buffer): void
}

/** What a hub does at the moment, and has done since it began, for logs and metrics. */
export interface HubCounts {
  /** Channels with at least one subscriber. */
  readonly channels: number
  /** Subscriptions to all channels together. */
  readonly subscriptions: number
  /** Messages that were published, whoever heard them. */
  readonly published: number
  /** Messages that did not reach a subscriber, since it was slow. */
  readonly lost: number
}

/** Named channels: what is published to one reaches all of its subscribers. One for each service. */
export class Hub implements Disposable {
  readonly #channels = new Map<string, Set<Subscriber>>()
  #subscriptions = 0
  #published = 0
  #lost = 0

  get counts(): HubCounts {
    return {
      channels: this.#channels.size,
      subscriptions: this.#subscriptions,
      published: this.#published,
      lost: this.#lost,
    }
  }

  /** A message did not reach one of its subscribers. */
  lose(): void {
    this.#lost++
  }

  /** Creates the channel if there is none. False if the subscriber had joined it before. */
  join(channel: string, subscriber: Subscriber): boolean {
    let subscribers = this.#channels.get(channel)
    if (subscribers === undefined) {
      subscribers = new Set()
      this.#channels.set(channel, subscribers)
    }
    if (subscribers.has(subscriber)) return false
    subscribers.add(subscriber)
    this.#subscriptions++
    return true
  }

  /** A channel that nobody listens to is gone. False if the subscriber had not joined it. */
  leave(channel: string, subscriber: Subscriber): boolean {
    const subscribers = this.#channels.get(channel)
    if (subscribers?.delete(subscriber) !== true) return false
    this.#subscriptions--
    if (subscribers.size === 0) this.#channels.delete(channel)
    return true
  }

  /**
   * @param except Does not get it.
   * @returns How many subscribers get it; 0 for a channel that there is not.
   */
  publish(channel: string, payload: string, except?: Subscriber): number {
    const subscribers = this.#channels.get(channel)
    this.#published++
    if (subscribers === undefined) return 0
    const frame = Buffer.from(`${channel}:${payload}`)
    let receivers = 0
    // Whoever is told may leave meanwhile, which a Set takes.
    for (const subscriber of subscribers) {
      if (subscriber === except) continue
      subscriber.deliver(channel, frame)
      receivers++
    }
    return receivers
  }

  /** Its connections have ended by then. */
  [Symbol.dispose](): void {
    this.#channels.clear()
    this.#subscriptions = 0
  }
}
