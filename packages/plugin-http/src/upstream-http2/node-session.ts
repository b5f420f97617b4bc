import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import type { Socket } from 'node:net'
import { problemOf } from '@gatewright/kernel'
import type {
  Http2Session,
  Http2Stream,
  SessionHost,
  StreamFailure,
  StreamHost,
  StreamInit,
} from './engine.ts'
import { NodeHttp2Stream, type StreamOwner } from './node-stream.ts'
import { nameOf } from './stream-errors.ts'

const refused = 7
/** What may be on its way in one stream before its client has taken something. */
const streamWindow = 128 * 1024
/** The same for all streams of a connection. What has come does not count, so no stream stops others. */
const sessionWindow = 1024 * 1024
/** Ids of streams are odd and below 2^31; there is no way back to small ones. */
const lastStreams = 2 ** 31 - 1000
/** The name of the server stands in each request. */
const anybody = new URL('http://server')

/** As `node:http2` takes them, with an option that its types do not know. */
const options = {
  settings: {
    enablePush: false,
    initialWindowSize: streamWindow,
    maxHeaderListSize: 64 * 1024,
  },
  maxHeaderListPairs: 128,
  maxSendHeaderBlockLength: 1024 * 1024,
  maxSessionMemory: 1000,
  // What a client may repeat is the server's affair.
  strictSingleValueFields: false,
}

/** A session of `node:http2` over a connected socket, which it owns from then on. */
export class NodeHttp2Session implements Http2Session, StreamOwner {
  readonly #socket: Socket
  readonly #session: ClientHttp2Session
  readonly #host: SessionHost
  #maxStreams = 0
  #takesConnect = false
  #streams = 0
  /** Streams with a higher id were not looked at; set once the server said so. */
  #lastStream = Number.POSITIVE_INFINITY
  #leaving = false
  /** Why the connection ended, once it has. */
  #lost: string | undefined = undefined
  #error: Error | undefined = undefined
  #tellsRoom = false
  #ready = false

  constructor(socket: Socket, host: SessionHost) {
    this.#socket = socket
    this.#host = host
    // Before Node's own listeners, which end the streams.
    socket.on('end', this.#onServerEnd)
    socket.on('error', (error) => {
      this.#lost ??= problemOf(error)
      this.#error ??= error
    })
    socket.on('close', () => (this.#lost ??= 'before the response was complete'))
    const session = connect(anybody, { ...options, createConnection: () => socket })
    this.#session = session
    session.setLocalWindowSize(sessionWindow)
    session.on('remoteSettings', this.#onSettings)
    session.on('goaway', this.#onGoaway)
    // A server that has not read the settings yet may push.
    session.on('stream', (pushed) => pushed.on('error', ignore).destroy())
    session.on('error', (error) => (this.#error ??= error))
    session.on('close', this.#onClose)
    socket.resume()
  }

  get maxStreams(): number {
    return this.#leaving ? 0 : this.#maxStreams
  }

  get streams(): number {
    return this.#streams
  }

  get takesConnect(): boolean {
    return this.#takesConnect
  }

  get received(): number {
    return this.#socket.bytesRead
  }

  request({ fields, ends, mayHaveTrailers }: StreamInit, host: StreamHost): Http2Stream {
    const settings = { endStream: ends, waitForTrailers: mayHaveTrailers }
    const stream = this.#session.request(fields, settings)
    this.#streams++
    if ((stream.id ?? 0) > lastStreams) this.#giveNotice()
    return new NodeHttp2Stream(stream, ends, host, this)
  }

  ping(onAnswer: () => void): void {
    // It may have ended a moment ago.
    if (this.#session.destroyed) return
    this.#session.ping((error) => {
      if (error === null) onAnswer()
    })
  }

  leave(): void {
    this.#leaving = true
    this.#session.close()
  }

  destroy(problem: string): void {
    this.#lost ??= problem
    this.#leaving = true
    this.#session.destroy()
  }

  cutOff(): void {
    this.#socket.destroy()
  }

  forget(): void {
    this.#streams--
    if (this.#tellsRoom) return
    this.#tellsRoom = true
    // Not among the callbacks of the engine that closes a stream.
    process.nextTick(this.#tellRoom)
  }

  failureOf(stream: ClientHttp2Stream, error: Error | undefined): StreamFailure {
    const code = stream.rstCode ?? 0
    // Without an id it was never sent.
    const unprocessed = code === refused || stream.id === undefined || stream.id > this.#lastStream
    const malformed = codeOf(error) === 'ERR_HTTP2_ERROR'
    if (malformed) return { code, unprocessed, malformed, problem: problemOf(error) }
    if (this.#lost !== undefined) {
      return { code: undefined, unprocessed, malformed, problem: this.#lost }
    }
    const problem = `its HTTP/2 stream ended with ${nameOf(code)}`
    return { code, unprocessed, malformed, problem }
  }

  readonly #onSettings = (): void => {
    const { maxConcurrentStreams = 0xffffffff, enableConnectProtocol = false } =
      this.#session.remoteSettings
    this.#maxStreams = maxConcurrentStreams
    this.#takesConnect = enableConnectProtocol
    if (this.#ready) return this.#host.onRoom()
    this.#ready = true
    this.#host.onReady()
  }

  readonly #onGoaway = (_code: number, lastStream: number): void => {
    this.#lastStream = Math.min(this.#lastStream, lastStream)
    this.#giveNotice()
  }

  readonly #onServerEnd = (): void => {
    this.#lost ??= 'before the response was complete'
    this.#socket.destroy()
  }

  readonly #tellRoom = (): void => {
    this.#tellsRoom = false
    this.#host.onRoom()
  }

  readonly #onClose = (): void => {
    this.#leaving = true
    this.#host.onClosed(this.#error ?? new Error(this.#lost))
  }

  #giveNotice(): void {
    if (this.#leaving) return
    this.#leaving = true
    this.#host.onLeaving()
  }
}

function codeOf(error: Error | undefined): string | undefined {
  return error !== undefined && 'code' in error ? String(error.code) : undefined
}

function ignore(): void {
  // Nobody asked for it.
}
