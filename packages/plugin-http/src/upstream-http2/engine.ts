/**
 * What an engine for HTTP/2 does for the upstream side: the frames of one connection. Everything
 * else, such as when to open another one and what a failure means, is decided above it.
 *
 * @module
 */

/** How a stream ended that did not end well. */
export interface StreamFailure {
  /** The error code of HTTP/2 (RFC 9113 section 7); `undefined` if the connection was lost. */
  readonly code: number | undefined
  /** True if the server says that it has not looked at the request. */
  readonly unprocessed: boolean
  /** True if what came on the connection is not HTTP/2. */
  readonly malformed: boolean
  readonly problem: string
}

/**
 * Told what happens on one stream. Nothing comes after `onFailure`, and after `onEnd` only what
 * concerns a request that is still being sent.
 */
export interface StreamHost {
  /** A 1xx head. @param fields Name, value, name, value, …. */
  onInterim(status: number, fields: string[]): void
  /** @param ended True if neither a body nor trailers follow. */
  onHead(status: number, fields: string[], ended: boolean): void
  /** Only while somebody wants the body; the bytes stay as they are. */
  onData(bytes: Uint8Array): void
  /** The response is complete. */
  onEnd(trailers: string[] | undefined): void
  /** More can be written. */
  onWritable(): void
  /** The response, or the request after its response, will not be complete. */
  onFailure(failure: StreamFailure): void
}

/** One request and its response. */
export interface Http2Stream {
  /**
   * Sends a piece of the body, which must not change afterwards.
   * @returns False if nothing more should be written until `onWritable`.
   */
  write(bytes: Uint8Array): boolean
  /** The request is complete. Trailers go out only if the request said that there may be any. */
  end(trailers: string[] | undefined): void
  /** Begins to hand out the body, or goes on with that. May call back at once. */
  resume(): void
  /** Hands out nothing more for now: the server is stopped by flow control. */
  pause(): void
  /** Ends both directions at once with CANCEL. The host hears nothing more. */
  cancel(): void
}

/** How a request begins. */
export interface StreamInit {
  /** Pseudo fields, then the others: name, value, name, value, …. */
  readonly fields: string[]
  /** True if no body follows. */
  readonly ends: boolean
  /** True if trailers may come after the body. */
  readonly mayHaveTrailers: boolean
}

/** Told what becomes of a session. */
export interface SessionHost {
  /** The server has told its settings: requests may be sent. Called once. */
  onReady(): void
  /** There is room for another stream, it may be. */
  onRoom(): void
  /** The server wants no more requests here; those that it works on may end. */
  onLeaving(): void
  /** The connection is gone, and all of its streams were told. Called once. */
  onClosed(error: Error): void
}

/** One connection. */
export interface Http2Session {
  /** Streams that the server allows at once; 0 until it has told. */
  readonly maxStreams: number
  /** Streams that are open, those included that end at the moment. */
  readonly streams: number
  /** True if the server takes extended CONNECT (RFC 8441 section 3). */
  readonly takesConnect: boolean
  /** Bytes that have come so far. */
  readonly received: number
  /** Throws a GatewayError, with nothing sent, for fields that cannot be sent. */
  request(init: StreamInit, host: StreamHost): Http2Stream
  /** @param onAnswer Called when the answer has come, if it comes. */
  ping(onAnswer: () => void): void
  /** Begins no more streams, and closes when the last one has ended. */
  leave(): void
  /** Closes once what was written has left. The streams that are open fail at once. */
  destroy(problem: string): void
  /** Closes the socket, whatever is still to be written. */
  cutOff(): void
}
