import { poison } from '../poison.ts'

const slabBytes = 64 * 1024
/** Above this it does not wait for the end of the turn, so that there is room for a head. */
const flushBytes = slabBytes / 2
/** Fewer messages than this in a turn are not worth waiting for each other. */
const worthwhile = 3
/** For so many messages nothing waits, once that was found; then it is tried again. */
const lonelyMessages = 64

/** Whose bytes are in the slab. */
export interface SlabOwner {
  /**
   * Sends `buf[start, end)`, or drops it if the wire is closed. Must not touch the slab.
   * @returns False if the bytes have to stay as they are, since the peer does not keep up.
   */
  send(buf: Buffer, start: number, end: number): boolean
}

/** Bytes of one wire, in the order in which they are to leave. */
interface Segment {
  readonly owner: SlabOwner
  readonly start: number
  readonly end: number
}

/**
 * One buffer for the outgoing messages of all connections: a head and whatever body bytes come
 * along are put together here and leave in one write. One wire at a time adds to it.
 *
 * What is complete leaves when the turn of the event loop is over: peers that are woken one after
 * the other cost more than those that find much at once. Where there is one message in a turn,
 * nothing waits.
 */
export class OutSlab {
  buf: Buffer = Buffer.allocUnsafeSlow(slabBytes)
  /** Where the bytes end that are there. */
  used = 0
  /** Where those of the present owner begin. */
  #start = 0
  #owner: SlabOwner | undefined = undefined
  #segments: Segment[] = []
  #scheduled = false
  #lonely = 0

  /** Makes the slab the owner's; what another one has in it is as complete as it gets. */
  take(owner: SlabOwner): void {
    if (this.#owner === owner) return
    this.#close()
    this.#owner = owner
  }

  /** What the owner put there is complete. */
  queue(): void {
    if (this.used === this.#start) return
    this.#close()
    if (this.used >= flushBytes) return this.flush()
    if (this.#lonely > 0) {
      this.#lonely--
      return this.flush()
    }
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#onTurnEnd)
  }

  /** Queues what the owner put there, if it is this one. */
  queueOf(owner: SlabOwner): void {
    if (this.#owner === owner) this.queue()
  }

  /** Sends everything, complete or not. */
  flush(): void {
    this.#close()
    const segments = this.#segments
    if (segments.length === 0) return
    const { buf } = this
    this.#segments = []
    let free = true
    for (const { owner, start, end } of segments) if (!owner.send(buf, start, end)) free = false
    // The buffer stays with the writes that are under way.
    if (free) poison(buf, 0, this.used)
    else this.buf = Buffer.allocUnsafeSlow(slabBytes)
    this.used = 0
    this.#start = 0
  }

  /** The owner is gone, and with it what was not complete. */
  leave(owner: SlabOwner): void {
    if (this.#owner !== owner) return
    this.#owner = undefined
    poison(this.buf, this.#start, this.used)
    this.used = this.#start
  }

  readonly #onTurnEnd = (): void => {
    this.#scheduled = false
    if (this.#segments.length < worthwhile) this.#lonely = lonelyMessages
    this.flush()
  }

  #close(): void {
    const owner = this.#owner
    if (owner === undefined || this.used === this.#start) return
    this.#segments.push({ owner, start: this.#start, end: this.used })
    this.#start = this.used
  }
}

/** The slab of this process; there is one thread that writes. */
export const outSlab: OutSlab = new OutSlab()
