import type { Socket } from 'node:net'
import type { OutSlab } from './out-slab.ts'

/** Who hears what happens on a wire. None of these may throw. */
export interface WireHandler {
  /** Bytes arrived. They are valid during the call only. */
  onBytes(buf: Buffer, start: number, end: number): void
  /** The peer sends no more. */
  onEnd(): void
  /**
   * The peer does not keep up: what was written waits, and `onWritable` follows when it is out. May
   * be called while another wire writes, so it may take note and nothing else.
   */
  onBlocked(): void
  /** What was written is out, after `onBlocked`. */
  onWritable(): void
  /** The wire is closed, for whatever reason; nothing follows. Called exactly once. */
  onClose(error: Error | undefined): void
}

/** The only layer that knows about sockets. */
export interface Wire {
  /** Replaced when a connection changes hands. */
  handler: WireHandler
  /**
   * Writes bytes, which the caller may reuse at once.
   * @returns False if the peer does not keep up: wait for `onWritable` before more is written.
   */
  write(buf: Uint8Array, start: number, end: number): boolean
  /**
   * The slab in which outgoing messages are put together, for composing in place. Holds this
   * wire's bytes only. Call {@link Wire.commit} with the new end of what was put there.
   */
  compose(): OutSlab
  commit(end: number): void
  /** Gathers writes until {@link Wire.uncork}, so that a head leaves with the bytes behind it. */
  cork(): void
  /** @returns As `write`. */
  uncork(): boolean
  /**
   * Sends at once what would leave at the end of this turn of the event loop; until then nobody
   * knows whether the peer takes it.
   * @returns As `write`.
   */
  flush(): boolean
  /** True while a write waits for the peer. */
  readonly blocked: boolean
  /** Stops and goes on reading. */
  pause(): void
  resume(): void
  /** Has the system ask, after so much silence, whether the peer is still there. */
  keepAlive(ms: number): void
  /** Sends what was written and then no more. */
  end(): void
  /** Closes at once; what was not sent is lost. */
  destroy(): void
  /** Closes with a reset, so that the peer cannot take a cut message for a whole one. */
  reset(): void
  /**
   * Gives the connection up to whoever speaks another protocol on it: as a socket that nobody reads.
   * The handler hears nothing more. Only while no write is under way.
   */
  release(): Socket
}

/** For a wire that nobody has taken yet. */
export const noHandler: WireHandler = {
  onBytes: nothing,
  onEnd: nothing,
  onBlocked: nothing,
  onWritable: nothing,
  onClose: nothing,
}

function nothing(): void {
  // Nobody has taken the wire yet.
}
