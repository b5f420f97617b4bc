import { once } from 'node:events'
import { createServer } from 'node:net'
import { LineClient } from './line-client.js'

/**
 * @import { Server, Socket } from 'node:net'
 * @import { Ingress, ListenAddress, ProtocolServer, Scope } from '@gatewright/kernel'
 * @import { Options } from './options.js'
 */

/**
 * Listens at the address of one entrypoint. It stays over reloads that do not change that.
 *
 * @implements {ProtocolServer<Options>}
 */
export class LineServer {
  #address
  #ingress
  #options
  #scope
  /** @type {Set<LineClient>} */
  #clients = new Set()
  /** @type {Server | undefined} */
  #server

  /**
   * Opens nothing: a configuration that is only checked gets this far.
   *
   * @param {ListenAddress} address
   * @param {Options} options
   * @param {Ingress} ingress
   * @param {Scope} scope
   */
  constructor(address, options, ingress, scope) {
    this.#address = address
    this.#options = options
    this.#ingress = ingress
    this.#scope = scope
  }

  async listen() {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket))
    server.listen(this.#address.port, this.#address.host)
    await once(server, 'listening')
    server.on('error', (error) => this.#scope.log.error({ err: error }, 'listener failed'))
    this.#server = server
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new Error('there is no address')
    return bound
  }

  /**
   * For the clients that come from now on.
   *
   * @param {Options} options
   * @param {string} _entrypoint
   * @param {Scope} scope
   */
  configure(options, _entrypoint, scope) {
    this.#options = options
    this.#scope = scope
  }

  async release() {
    this.#server?.close()
    this.#server = undefined
  }

  /**
   * @param {AbortSignal} signal
   * @param {number} idleMs
   */
  async drain(signal, idleMs) {
    await this.release()
    // Whoever had not seen the end coming may have sent a line.
    for (const client of this.#clients) client.leaveIfIdle(idleMs)
    const cutOff = () => {
      for (const client of this.#clients) client.cutOff()
    }
    signal.addEventListener('abort', cutOff)
    if (signal.aborted) cutOff()
    await Promise.all([...this.#clients].map(({ closed }) => closed))
    signal.removeEventListener('abort', cutOff)
  }

  /** @param {Socket} socket */
  #accept(socket) {
    const client = new LineClient(socket, this.#scope.name, this.#options, this.#ingress)
    this.#clients.add(client)
    client.closed.then(() => this.#clients.delete(client))
    client.serve().catch((error) => {
      this.#scope.log.error({ err: error }, 'client failed')
      client.cutOff()
    })
  }
}
