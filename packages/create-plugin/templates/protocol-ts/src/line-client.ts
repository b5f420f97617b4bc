import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  type Connection,
  errors,
  type GatewayError,
  GatewayRequest,
  HeaderList,
  type Ingress,
  type Refusal,
  type RequestContext,
} from '@gatewright/kernel'
import type { Options } from './options.ts'

const maxLineLength = 2048

/** What a line that is on its way may take to arrive. */
const inFlightMs = 250

let clients = 0

/** One connection of a client. */
export class LineClient {
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #host: string
  readonly #patience: number
  readonly #ingress: Ingress
  readonly #connection: Connection
  #ctx: RequestContext | undefined
  #deadline: NodeJS.Timeout | undefined

  constructor(socket: Socket, entrypoint: string, { host, patience }: Options, ingress: Ingress) {
    this.#socket = socket
    this.#host = host
    this.#patience = patience
    this.#ingress = ingress
    const { promise, resolve } = Promise.withResolvers<void>()
    this.closed = promise
    this.#connection = {
      id: ++clients,
      entrypoint,
      remoteAddress: socket.remoteAddress ?? '',
      remotePort: socket.remotePort ?? 0,
      localPort: socket.localPort ?? 0,
      encrypted: false,
      serverName: undefined,
      alpn: undefined,
      snapshot: ingress.snapshot,
      defer: (fn) => void promise.then(fn),
    }
    // Whoever waits for the socket learns of it by its end.
    socket.on('error', () => undefined)
    socket.once('close', () => {
      clearTimeout(this.#deadline)
      resolve()
    })
    this.#allow(patience)
  }

  /** A line comes in, a response goes out, and the connection ends. */
  async serve(): Promise<void> {
    const connection = this.#connection
    const refusal = this.#ingress.admit(connection) ?? this.#ingress.identify(connection)
    if (refusal !== undefined) return this.#refuse(refusal)
    const line = await readLine(this.#socket)
    if (line === undefined) return this.cutOff()
    // How long the service may take is not for the client to answer for.
    clearTimeout(this.#deadline)
    const ctx = this.#ingress.openRequest(connection, requestOf(line, this.#host))
    this.#ctx = ctx
    const abort = (): void => this.#ingress.abort(ctx)
    this.#socket.once('close', abort)
    try {
      await this.#answer(ctx)
    } finally {
      this.#socket.off('close', abort)
      ctx.received = this.#socket.bytesRead
      ctx.sent = this.#socket.bytesWritten
      this.#ingress.close(ctx)
    }
  }

  /** Ends the connection unless a request is under way, or comes within that time. */
  leaveIfIdle(ms: number): void {
    if (this.#ctx !== undefined) return
    // The first line may be under way: whoever never had an answer is not idle.
    this.#allow(Math.max(ms, inFlightMs))
  }

  /** The gateway waits no longer. */
  cutOff(): void {
    // Else it would be taken for a client that left.
    if (this.#ctx !== undefined) this.#ingress.abort(this.#ctx, errors.GW_DRAINING())
    this.#socket.destroy()
  }

  /** Tells the client why, if it is to know. */
  #refuse({ answer, reset }: Refusal): void {
    if (reset === true) this.#socket.resetAndDestroy()
    else if (answer === undefined) this.#socket.destroy()
    // What it says is not read, but that it ends is to be noticed.
    else this.#socket.resume().end(lineOf(answer))
  }

  async #answer(ctx: RequestContext): Promise<void> {
    const response = await this.#ingress.handle(ctx)
    if (this.#socket.destroyed) return response.discard()
    // The gateway has written it for HTTP.
    if (response.error !== undefined) response.body = lineOf(response.error, response.status)
    const { body } = response
    const source = body instanceof Readable ? body : Readable.from([body ?? ''])
    // Ends the socket after the last byte, and the body if the client is gone.
    const sent = pipeline(source, (pieces) => this.#hurried(pieces), this.#socket)
    await sent.catch(() => this.#socket.destroy())
  }

  /** The service may be slow, but not the client: it has its time for each piece, and for the end. */
  async *#hurried(pieces: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array | string> {
    for await (const piece of pieces) {
      this.#allow(this.#patience)
      // Comes back once the socket takes more.
      yield piece
      clearTimeout(this.#deadline)
    }
    this.#allow(this.#patience)
  }

  /** From now on, that is what is left to the connection. */
  #allow(ms: number): void {
    clearTimeout(this.#deadline)
    if (this.#socket.destroyed) return
    this.#deadline = setTimeout(() => this.#socket.destroy(), ms)
  }
}

/** The first line; `undefined` if it is too long, or none comes. */
async function readLine(socket: Socket): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  let text = ''
  const take = (bytes: Buffer): void => {
    text += bytes.toString('latin1')
    const end = text.indexOf('\n')
    const length = end < 0 ? text.length : end
    if (length > maxLineLength) resolve(undefined)
    else if (end >= 0) resolve(Buffer.from(text.slice(0, end), 'latin1').toString().trimEnd())
  }
  const giveUp = (): void => resolve(undefined)
  socket.on('data', take).once('end', giveUp).once('close', giveUp)
  const line = await promise
  // What else the client says is read and forgotten, so that its end is noticed.
  socket.off('data', take).resume()
  return line
}

function requestOf(line: string, host: string): GatewayRequest {
  // Whatever a name has in it, only slashes mean something here.
  const path = line.split('/').map(encodeURIComponent).join('/')
  const target = path.startsWith('/') ? path : `/${path}`
  const headers = new HeaderList(['host', host])
  const head = { version: '1.1', method: 'GET', target, authority: host, headers } as const
  return new GatewayRequest({ ...head, upgrade: undefined }, null)
}

/** What a client may know: all about its own mistakes, of others what is meant for the public. */
function lineOf(error: GatewayError, status: number = error.status): string {
  const own = error.source === 'client' ? error.message : undefined
  const text = own ?? error.kind.publicMessage ?? STATUS_CODES[status] ?? 'Error'
  return `${text.replaceAll(/\s+/g, ' ')}\n`
}
