import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { loopback } from '../process/port.ts'
import { ResponseCheck } from './response-check.ts'

/** What a client sends again and again, and what it must get. */
export interface RepeatedExchange {
  readonly port: number
  readonly head: Buffer
  readonly upload: Buffer
  readonly expected: Buffer
  /** Read into by all connections: everything is compared before the next read. */
  readonly slab: Buffer
  /** Connects anew for every request; over TLS it resumes the session of the connection before. */
  readonly newConnections: boolean
  readonly encrypted: boolean
}

/** Whether another request is to follow; `hold` leaves the connection open and idle. */
export type Continuation = 'repeat' | 'hold' | 'stop'

/** Told of what happens, and decides how it goes on. */
export interface Observer {
  /** A response was complete and right, so long after its request or the begin of its connection. */
  onResponse(micros: number): Continuation
  /** A response was wrong, or the connection was lost. */
  onProblem(problem: string): Continuation
}

/** Problems on end without a response in between after which a connection is given up. */
const maxFailures = 10
/** Uploads are sent in pieces, so that it shows whether they move. */
const pieceBytes = 1024 * 1024

/** One client that sends the next request when it has the response to the last one. */
export class ClientConnection {
  readonly #exchange: RepeatedExchange
  readonly #observer: Observer
  readonly #done = Promise.withResolvers<void>()
  #check: ResponseCheck
  #socket: Socket | undefined = undefined
  #session: Buffer | undefined = undefined
  #startedAt = 0
  #movedAt = 0
  #sentBytes = 0
  #failures = 0

  constructor(exchange: RepeatedExchange, observer: Observer) {
    this.#exchange = exchange
    this.#observer = observer
    this.#check = new ResponseCheck(exchange.expected)
  }

  /** Comes back when the observer wants no more; never if it holds the connection. */
  run(): Promise<void> {
    this.#connect()
    return this.#done.promise
  }

  /** For how long no byte has moved although a response is awaited; 0 if none is. */
  stalledMs(now: number): number {
    return this.#socket === undefined ? 0 : now - this.#movedAt
  }

  destroy(): void {
    this.#leave()
    this.#done.resolve()
  }

  #connect(): void {
    this.#startedAt = performance.now()
    this.#check = new ResponseCheck(this.#exchange.expected)
    const socket = this.#open()
    socket.on('error', (error) => this.#fail(error.message))
    socket.on('close', () => this.#fail('closed before its response'))
    this.#socket = socket
    this.#send(socket)
  }

  #open(): Socket {
    const { port, slab, encrypted } = this.#exchange
    const onread = { buffer: slab, callback: (length: number) => this.#read(length) }
    const options = { host: loopback, port, noDelay: true, onread }
    if (!encrypted) return connect(options)
    const session = this.#session
    // The certificate is one that the harness made.
    const trust = { rejectUnauthorized: false, ...(session !== undefined && { session }) }
    const socket = connectTls({ ...options, ...trust })
    socket.on('session', (ticket) => (this.#session = ticket))
    socket.on('secureConnect', () => {
      if (session !== undefined && !socket.isSessionReused()) this.#fail('no TLS resumption')
    })
    return socket
  }

  #send(socket: Socket): void {
    this.#sentBytes = 0
    socket.cork()
    socket.write(this.#exchange.head)
    this.#sendPiece(socket)
    socket.uncork()
  }

  #sendPiece(socket: Socket): void {
    if (this.#socket !== socket) return
    this.#movedAt = performance.now()
    const { upload } = this.#exchange
    const piece = upload.subarray(this.#sentBytes, this.#sentBytes + pieceBytes)
    if (piece.length === 0) return
    this.#sentBytes += piece.length
    socket.write(piece, () => this.#sendPiece(socket))
  }

  /** Keeps on reading in any case; a socket that was left is destroyed. */
  #read(length: number): boolean {
    this.#movedAt = performance.now()
    try {
      if (this.#check.push(this.#exchange.slab.subarray(0, length))) this.#complete()
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error))
    }
    return true
  }

  #complete(): void {
    if (this.#sentBytes < this.#exchange.upload.length) return this.#fail('answered too early')
    const now = performance.now()
    const socket = this.#socket
    this.#failures = 0
    const continuation = this.#observer.onResponse((now - this.#startedAt) * 1000)
    if (continuation === 'hold') return
    if (continuation === 'stop') return this.destroy()
    if (this.#exchange.newConnections || socket === undefined) {
      this.#leave()
      this.#connect()
      return
    }
    this.#startedAt = now
    this.#send(socket)
  }

  #fail(problem: string): void {
    this.#leave()
    this.#failures++
    const continuation = this.#observer.onProblem(problem)
    if (continuation === 'repeat' && this.#failures < maxFailures) this.#connect()
    else this.#done.resolve()
  }

  #leave(): void {
    this.#socket?.removeAllListeners('error').removeAllListeners('close')
    this.#socket?.on('error', ignore).destroy()
    this.#socket = undefined
  }
}

function ignore(): void {
  // The connection was given up before.
}
