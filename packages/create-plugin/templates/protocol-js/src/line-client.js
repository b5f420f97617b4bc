import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { errors, GatewayRequest, HeaderList } from '@gatewright/kernel'

/**
 * @import { Socket } from 'node:net'
 * @import { Connection, Ingress, Refusal, RequestContext } from '@gatewright/kernel'
 * @import { Options } from './options.js'
 */

const maxLineLength = 2048

let clients = 0

/** One connection of a client. */
export class LineClient {
  #socket
  #host
  #ingress
  /** @type {Connection} */
  #connection
  /** @type {RequestContext | undefined} */
  #ctx

  /**
   * @param {Socket} socket
   * @param {string} entrypoint
   * @param {Options} options
   * @param {Ingress} ingress
   */
  constructor(socket, entrypoint, { host, patience }, ingress) {
    this.#socket = socket
    this.#host = host
    this.#ingress = ingress
    /** @type {PromiseWithResolvers<void>} */
    const { promise, resolve } = Promise.withResolvers()
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
      defer: (fn) => promise.then(fn),
    }
    socket.setTimeout(patience, () => socket.destroy())
    // Whoever waits for the socket learns of it by its end.
    socket.on('error', () => undefined)
    socket.once('close', () => resolve())
  }

  /** A line comes in, a response goes out, and the connection ends. */
  async serve() {
    const connection = this.#connection
    const refusal = this.#ingress.admit(connection) ?? this.#ingress.identify(connection)
    if (refusal !== undefined) return this.#refuse(refusal)
    const line = await readLine(this.#socket)
    if (line === undefined) return this.cutOff()
    // While the service is at work, nothing has to come.
    this.#socket.setTimeout(0)
    const ctx = this.#ingress.openRequest(connection, requestOf(line, this.#host))
    this.#ctx = ctx
    const abort = () => this.#ingress.abort(ctx)
    this.#socket.once('close', abort)
    try {
      await this.#answer(ctx)
    } finally {
      this.#socket.off('close', abort)
      this.#ingress.close(ctx)
    }
  }

  /**
   * Ends the connection unless a request is under way, or comes within that time.
   *
   * @param {number} ms
   */
  leaveIfIdle(ms) {
    if (this.#ctx !== undefined) return
    // Zero would mean for ever.
    if (ms === 0) this.cutOff()
    else this.#socket.setTimeout(ms)
  }

  /** The gateway waits no longer. */
  cutOff() {
    // Else it would be taken for a client that left.
    if (this.#ctx !== undefined) this.#ingress.abort(this.#ctx, errors.GW_DRAINING())
    this.#socket.destroy()
  }

  /**
   * Tells the client why, if it is to know.
   *
   * @param {Refusal} refusal
   */
  #refuse({ answer, reset }) {
    if (reset === true) this.#socket.resetAndDestroy()
    else if (answer === undefined) this.#socket.destroy()
    // What it says is not read, but that it ends is to be noticed.
    else this.#socket.resume().end(`${answer.kind.publicMessage ?? answer.message}\n`)
  }

  /** @param {RequestContext} ctx */
  async #answer(ctx) {
    const response = await this.#ingress.handle(ctx)
    if (this.#socket.destroyed) return response.discard()
    const { body } = response
    // Ends the socket after the last byte, and the body if the client is gone.
    const sent = pipeline(body instanceof Readable ? body : [body ?? ''], this.#socket)
    await sent.catch(() => this.#socket.destroy())
    ctx.sent = this.#socket.bytesWritten
  }
}

/**
 * The first line; `undefined` if it is too long, or none comes.
 *
 * @param {Socket} socket
 */
async function readLine(socket) {
  /** @type {PromiseWithResolvers<string | undefined>} */
  const { promise, resolve } = Promise.withResolvers()
  let text = ''
  /** @param {Buffer} bytes */
  const take = (bytes) => {
    text += bytes.toString('latin1')
    const end = text.indexOf('\n')
    if (end >= 0) resolve(text.slice(0, end).trimEnd())
    else if (text.length > maxLineLength) resolve(undefined)
  }
  const giveUp = () => resolve(undefined)
  socket.on('data', take).once('end', giveUp).once('close', giveUp)
  const line = await promise
  // What else the client says is read and forgotten, so that its end is noticed.
  socket.off('data', take).resume()
  return line
}

/**
 * @param {string} line
 * @param {string} host
 */
function requestOf(line, host) {
  const path = encodeURI(line)
  const target = path.startsWith('/') ? path : `/${path}`
  const headers = new HeaderList(['host', host])
  const head = { method: 'GET', target, authority: host, headers, upgrade: undefined }
  return new GatewayRequest({ version: '1.1', ...head }, null)
}
