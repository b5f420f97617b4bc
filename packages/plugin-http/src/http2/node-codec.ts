import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { type Deadlines, resetSocket, type Timed } from '@gatewright/http1'
import type { Http2Codec, Http2Host, Http2Session, Http2Settings } from './codec.ts'
import { NodeStream } from './node-stream.ts'

/** RFC 9113 section 6.9.2. A stream that nobody reads may hold so much. */
const streamWindowBytes = 64 * 1024
/** For all streams of a connection together. */
const connectionWindowBytes = 1024 * 1024
/** What the engine may keep for one connection, in units of its own: about megabytes. */
const maxSessionMemory = 10
/** How long a client may take to read why its connection was closed. */
const farewellMs = 1000
/** So many frames that have no meaning at all are answered before the connection ends. */
const maxInvalidFrames = 100
/** The highest id that a stream can have. */
const lastStreamId = 2 ** 31 - 1

/** HTTP/2 by `node:http2`. */
export class NodeCodec implements Http2Codec {
  readonly #deadlines: Deadlines

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines
  }

  serve(socket: Socket, settings: Http2Settings, host: Http2Host): Http2Session {
    return new NodeSession(socket, settings, host, this.#deadlines)
  }
}

class NodeSession implements Http2Session, Timed {
  /** Until when the connection has to be closed, once it is to be. */
  dueAt = Number.POSITIVE_INFINITY
  readonly #socket: Socket
  readonly #session: ServerHttp2Session
  readonly #host: Http2Host
  readonly #deadlines: Deadlines

  constructor(socket: Socket, settings: Http2Settings, host: Http2Host, deadlines: Deadlines) {
    this.#socket = socket
    this.#host = host
    this.#deadlines = deadlines
    // A client that says no more is gone, as it is in HTTP/1.1.
    socket.allowHalfOpen = false
    const session = performServerHandshake(socket, {
      maxSessionMemory,
      maxSessionInvalidFrames: maxInvalidFrames,
      maxHeaderListPairs: 2 * settings.maxHeaders + 8,
      // Servers of HTTP/1.1 repeat what should stand once, and clients have to live with it.
      strictSingleValueFields: false,
      settings: {
        maxConcurrentStreams: settings.maxConcurrentStreams,
        // Above the limit there is an answer that says so; at twice the limit the stream ends.
        maxHeaderListSize: 2 * settings.maxHeaderListBytes,
        initialWindowSize: streamWindowBytes,
        enableConnectProtocol: true,
      },
    })
    this.#session = session
    session.setLocalWindowSize(connectionWindowBytes)
    session.on('stream', (stream, _headers, flags, rawHeaders) => {
      this.#onStream(stream, flags, rawHeaders)
    })
    session.on('remoteSettings', () => host.onSettings())
    session.on('ping', () => host.onPing())
    session.on('error', ignore)
    session.on('close', () => this.#onClose())
  }

  get over(): boolean {
    return this.#session.destroyed
  }

  announceEnd(): void {
    if (!this.#session.destroyed && !this.#session.closed) this.#session.goaway(0, lastStreamId)
  }

  close(): void {
    this.#session.close()
  }

  destroy(code: number): void {
    if (this.dueAt !== Number.POSITIVE_INFINITY) return
    // It also takes the code of the GOAWAY alone, which its declaration does not know.
    this.#session.destroy(code as unknown as Error)
    // A client that does not read would keep the socket open.
    this.dueAt = this.#deadlines.later(farewellMs)
    this.#deadlines.add(this)
  }

  expire(): void {
    resetSocket(this.#socket)
  }

  #onStream(stream: ServerHttp2Stream, flags: number, rawHeaders: readonly string[]): void {
    const ended = (flags & endStreamFlag) !== 0
    const wrapped = new NodeStream(stream, ended)
    wrapped.begin(this.#host.onStream(wrapped, rawHeaders, ended))
  }

  #onClose(): void {
    this.#deadlines.remove(this)
    this.#host.onClosed()
  }
}

/** RFC 9113 section 6.2. */
const endStreamFlag = 1

function ignore(): void {
  // The session closes, which is all that matters.
}
