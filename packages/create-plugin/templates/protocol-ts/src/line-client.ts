import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  type Connection,
  errors,
  GatewayRequest,
  HeaderList,
  type Ingress,
  type Refusal,
  type RequestContext,
} from '@gatewright/kernel'
import type { Options } from './options.ts'

const maxLineLength = 2048

let clients = 0

/** One connection of a client. */
export class LineClient {
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #host: string
  readonly #ingress: Ingress
  readonly #connection: Connection
  #ctx: RequestContext | undefined

  constructor(socket: Socket, entrypoint: string, { host, patience }: Options, ingress: Ingress) {
    this.#socket = socket
    this.#host = host
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
    socket.setTimeout(patience, () => socket.destroy())
    // Whoever waits for the socket learns of it by its end.
    socket.on('error', () => undefined)
    socket.once('close', () => resolve())
  }

  /** A line comes in, a response goes out, and the connection ends. */
  async serve(): Promise<void> {
    const connection = this.#connection
    const refusal = this.#ingress.admit(connection) ?? this.#ingress.identify(connection)
    if (refusal !== undefined) return this.#refuse(refusal)
    const line = await readLine(this.#socket)
    if (line === undefined) return this.cutOff()
    // While the service is at work, nothing has to come.
    this.#socket.setTimeout(0)
    const ctx = this.#ingress.openRequest(connection, requestOf(line, this.#host))
    this.#ctx = ctx
    const abort = (): void => this.#ingress.abort(ctx)
    this.#socket.once('close', abort)
    try {
      await this.#answer(ctx)
    } finally {
      this.#socket.off('close', abort)
      this.#ingress.close(ctx)
    }
  }

  /** Ends the connection unless a request is under way, or comes within that time. */
  leaveIfIdle(ms: number): void {
    if (this.#ctx !== undefined) return
    // Zero would mean for ever.
    if (ms === 0) this.cutOff()
    else this.#socket.setTimeout(ms)
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
    else this.#socket.resume().end(`${answer.kind.publicMessage ?? answer.message}\n`)
  }

  async #answer(ctx: RequestContext): Promise<void> {
    const response = await this.#ingress.handle(ctx)
    if (this.#socket.destroyed) return response.discard()
    const { body } = response
    // Ends the socket after the last byte, and the body if the client is gone.
    const sent = pipeline(body instanceof Readable ? body : [body ?? ''], this.#socket)
    await sent.catch(() => this.#socket.destroy())
    ctx.sent = this.#socket.bytesWritten
  }
}

/** The first line; `undefined` if it is too long, or none comes. */
async function readLine(socket: Socket): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  let text = ''
  const take = (bytes: Buffer): void => {
    text += bytes.toString('latin1')
    const end = text.indexOf('\n')
    if (end >= 0) resolve(text.slice(0, end).trimEnd())
    else if (text.length > maxLineLength) resolve(undefined)
  }
  const giveUp = (): void => resolve(undefined)
  socket.on('data', take).once('end', giveUp).once('close', giveUp)
  const line = await promise
  // What else the client says is read and forgotten, so that its end is noticed.
  socket.off('data', take).resume()
  return line
}

function requestOf(line: string, host: string): GatewayRequest {
  const path = encodeURI(line)
  const target = path.startsWith('/') ? path : `/${path}`
  const headers = new HeaderList(['host', host])
  const head = { version: '1.1', method: 'GET', target, authority: host, headers } as const
  return new GatewayRequest({ ...head, upgrade: undefined }, null)
}
