/** Something that waits to be sent; replies belong to no channel and are never lost. */
interface Entry {
  readonly bytes: Buffer
  readonly channel: string | undefined
  before: Entry | undefined
  after: Entry | undefined
  /** The next one of the same channel. */
  following: Entry | undefined
}

/** What waits of one channel. */
interface Line {
  oldest: Entry | undefined
  newest: Entry | undefined
  length: number
}

/**
 * What waits for a connection that is slow to take it, in the order in which it came. Of each
 * channel, and of all together, so much is kept; then the oldest messages are lost.
 */
export class Outbox {
  readonly #maxPerChannel: number
  readonly #maxBytes: number
  readonly #onLost: () => void
  readonly #lines = new Map<string, Line>()
  #oldest: Entry | undefined = undefined
  #newest: Entry | undefined = undefined
  #bytes = 0
  #replies = 0

  /** @param onLost Called for each message that is lost. */
  constructor(maxPerChannel: number, maxBytes: number, onLost: () => void = () => undefined) {
    this.#maxPerChannel = maxPerChannel
    this.#maxBytes = maxBytes
    this.#onLost = onLost
  }

  /** Replies that wait. Whoever asks has to stop before they are too many. */
  get replies(): number {
    return this.#replies
  }

  /** Bytes of messages that wait. */
  get bytes(): number {
    return this.#bytes
  }

  addReply(bytes: Buffer): void {
    this.#replies++
    this.#append({ bytes, channel: undefined, ...unlinked })
  }

  addMessage(channel: string, bytes: Buffer): void {
    const line = this.#lineOf(channel)
    const entry: Entry = { bytes, channel, ...unlinked }
    if (line.newest === undefined) line.oldest = entry
    else line.newest.following = entry
    line.newest = entry
    line.length++
    this.#bytes += bytes.length
    this.#append(entry)
    if (line.length > this.#maxPerChannel) this.#lose(line.oldest)
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#oldestMessage()
      // The one that has just come goes last.
      if (oldest === undefined || oldest === entry) break
      this.#lose(oldest)
    }
  }

  /** Takes the oldest out; `undefined` if nothing waits. */
  take(): Buffer | undefined {
    const entry = this.#oldest
    if (entry === undefined) return undefined
    this.#remove(entry)
    return entry.bytes
  }

  /** Nobody is left to take anything. */
  clear(): void {
    this.#lines.clear()
    this.#oldest = undefined
    this.#newest = undefined
    this.#bytes = 0
    this.#replies = 0
  }

  #lineOf(channel: string): Line {
    const known = this.#lines.get(channel)
    if (known !== undefined) return known
    const line = { oldest: undefined, newest: undefined, length: 0 }
    this.#lines.set(channel, line)
    return line
  }

  #oldestMessage(): Entry | undefined {
    let entry = this.#oldest
    // Replies are few.
    while (entry !== undefined && entry.channel === undefined) entry = entry.after
    return entry
  }

  #lose(entry: Entry | undefined): void {
    if (entry === undefined) return
    this.#remove(entry)
    this.#onLost()
  }

  #append(entry: Entry): void {
    entry.before = this.#newest
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.after = entry
    this.#newest = entry
  }

  /** Messages leave their channel in the order in which they came. */
  #remove(entry: Entry): void {
    const { before, after, channel } = entry
    if (before === undefined) this.#oldest = after
    else before.after = after
    if (after === undefined) this.#newest = before
    else after.before = before
    if (channel === undefined) {
      this.#replies--
      return
    }
    this.#bytes -= entry.bytes.length
    const line = this.#lines.get(channel)
    if (line === undefined) return
    line.oldest = entry.following
    line.length--
    if (line.length === 0) this.#lines.delete(channel)
  }
}

const unlinked = { before: undefined, after: undefined, following: undefined } as const
