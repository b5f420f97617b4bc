/**
 * What leads the frames of one HTTP/2 connection (RFC 9113), and what the gateway asks of it. The
 * only one so far sits on `node:http2`; a faster one takes its place behind these interfaces.
 *
 * An engine must give, without the gateway seeing any of it:
 *
 * - the preface, SETTINGS both ways with acknowledgements, and HPACK with a bounded table;
 * - header blocks of bounded size, number of fields and number of CONTINUATION frames, counted while
 *   they are decoded; a block beyond twice {@link Http2Settings.maxHeaderListBytes} may end its
 *   stream instead of reaching the host;
 * - the form of messages (RFC 9113 section 8): names in lower case, pseudo fields first and once
 *   each, no fields of HTTP/1.1 connections, DATA as long as `content-length` says; what breaks
 *   these is a stream error, and never an end of a body;
 * - the states of streams, and their ids in order (section 5.1);
 * - flow control both ways. The window of a stream opens only as its bytes are taken between
 *   {@link Http2Stream.read} and {@link Http2Stream.pause}, so that a stream that nobody reads costs
 *   one window; what waits for the client's windows is bounded by what `write` refused;
 * - the limit of concurrent streams; streams above it are refused (REFUSED_STREAM);
 * - an end for peers that flood it with what it has to answer by itself, or that never read those
 *   answers;
 * - no callback from inside a call of the host, none after `onClosed`, and no throw.
 *
 * @module
 */
import type { Socket } from 'node:net'

/** Error codes that the gateway sends (RFC 9113 section 7). */
export const ErrorCode = {
  none: 0,
  protocol: 1,
  internal: 2,
  refusedStream: 7,
  cancel: 8,
  enhanceYourCalm: 11,
} as const

/** What holds for one connection. Sizes in bytes. */
export interface Http2Settings {
  readonly maxConcurrentStreams: number
  /** Names, values and 32 for each field (RFC 9113 section 6.5.2). */
  readonly maxHeaderListBytes: number
  /** Fields in a head. */
  readonly maxHeaders: number
}

/** Serves HTTP/2 on connected sockets, encrypted or not. */
export interface Http2Codec {
  /**
   * Takes a socket over; what it has received and nobody has read is the begin. Calls the host
   * later, never from within.
   */
  serve(socket: Socket, settings: Http2Settings, host: Http2Host): Http2Session
}

/** One connection, as the gateway leads it. */
export interface Http2Session {
  /** Nothing more can be said to the client. */
  readonly over: boolean
  /** Says that no more streams will be taken soon, but takes them yet (RFC 9113 section 6.8). */
  announceEnd(): void
  /** Takes no more streams, lets those that there are end, and closes. */
  close(): void
  /** Closes now: ends all streams, tells the client why if it still listens. */
  destroy(code: number): void
}

/** Whoever serves the streams of a connection. None of these may throw. */
export interface Http2Host {
  /** The client's SETTINGS: the first time, the connection stands. */
  onSettings(): void
  /** The client wants a sign of life, which it gets by itself. */
  onPing(): void
  /**
   * The head of a request was read.
   * @param fields Name, value, name, value, …, pseudo fields included, as byte strings.
   * @param ended Neither body nor trailers follow.
   */
  onStream(stream: Http2Stream, fields: readonly string[], ended: boolean): Http2StreamHost
  /** The connection is over. Called exactly once, after `onClosed` of all its streams. */
  onClosed(): void
}

/** One stream, as the gateway answers it. Calls that come too late have no effect. */
export interface Http2Stream {
  /**
   * The client gave this stream up before anybody could look at it: `onClosed` follows at once.
   */
  readonly aborted: boolean
  /**
   * Sends the final head.
   * @param fields Name, value, …, `:status` first; checked, without fields of one hop.
   * @param last No body follows.
   */
  respond(fields: string[], last: boolean, hasTrailers: boolean): void
  /** Sends a head with an interim status, which may be 100. */
  inform(status: number, fields: readonly string[]): void
  /**
   * Sends `bytes[start, end)` of the body, copied if they have to wait.
   * @returns False if `onWritable` is to be waited for.
   */
  write(bytes: Uint8Array, start: number, end: number): boolean
  /** The body is complete. Trailers only if they were announced. */
  end(trailers: readonly string[] | undefined): void
  /** Takes the client's bytes, or takes them again: `onData` and `onEnd` follow. */
  read(): void
  /** Takes no bytes, so that the client's window closes. */
  pause(): void
  /** The response is complete, and nobody wants the rest of the request (RFC 9113 section 8.1). */
  refuseRest(): void
  /**
   * Ends the stream now, in a way that the client cannot take for the end of the response.
   * `onClosed` follows.
   */
  reset(code: typeof ErrorCode.internal | typeof ErrorCode.cancel): void
}

/** Whoever is at the gateway's end of a stream. None of these may throw. */
export interface Http2StreamHost {
  /** A part of the body; it belongs to the host. */
  onData(bytes: Buffer): void
  /** The body is complete. @param trailers Name, value, …; `undefined` without any. */
  onEnd(trailers: readonly string[] | undefined): void
  /** What was written is out, after `write` returned false. */
  onWritable(): void
  /** The stream is over: 0 if both sides ended it properly. Called exactly once, last of all. */
  onClosed(code: number): void
}
