import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GatewayRequest, HeaderList } from '@gatewright/kernel'

/**
 * @import { Socket } from 'node:net'
 * @import { Connection, Ingress, RequestContext } from '@gatewright/kernel'
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
  #isIdle = true

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
    const line = refusal === undefined ? await readLine(this.#socket) : undefined
    if (line === undefined) return this.cutOff()
    this.#isIdle = false
    // While the service is at work, nothing has to come.
    this.#socket.setTimeout(0)
    const ctx = this.#ingress.openRequest(connection, requestOf(line, this.#host))
    const abort = () => this.#ingress.abort(ctx)
    this.#socket.once('close', abort)
    try {
      await this.#answer(ctx)
    } finally {
      this.#socket.off('close', abort)
      this.#ingress.close(ctx)
    }
  }

  /** Ends the connection unless a request is under way. */
  leaveIfIdle() {
    if (this.#isIdle) this.cutOff()
  }

  cutOff() {
    this.#socket.destroy()
  }

  /** @param {RequestContext} ctx */
  async #answer(ctx) {
    const response = await this.#ingress.handle(ctx)
    this.#ingress.establish(ctx)
    if (this.#socket.destroyed) return response.discard()
    const { body } = response
    // Ends the socket after the last byte, and the body if the client is gone.
    const sent = pipeline(body instanceof Readable ? body : [body ?? ''], this.#socket)
    await sent.catch(() => this.cutOff())
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
