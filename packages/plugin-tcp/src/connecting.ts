import { connect, type Socket } from 'node:net'
import { connectError, type Timed } from '@gatewright/http1'
import {
  type Exchange,
  type GatewayError,
  type Interruptible,
  errors as kernelErrors,
} from '@gatewright/kernel'
import { deadlines, keepAlive } from './environment.ts'

/** A connection to a server that is being made. */
export class Connecting implements Timed, Interruptible {
  readonly dueAt: number
  readonly #socket: Socket
  readonly #endpoint: string
  readonly #timeoutMs: number
  readonly #outcome = Promise.withResolvers<Socket>()

  constructor(url: URL, timeoutMs: number) {
    this.#endpoint = url.href
    this.#timeoutMs = timeoutMs
    this.dueAt = deadlines.later(timeoutMs)
    this.#socket = connect({
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port),
      allowHalfOpen: true,
      noDelay: true,
      ...keepAlive,
    })
    // Whoever takes it reads it in a way of its own.
    this.#socket.pause()
    // Whoever takes it finds it closed if it breaks on the way there.
    this.#socket.on('error', ignore)
  }

  /** Throws GW_UPSTREAM_CONNECT, GW_UPSTREAM_CONNECT_TIMEOUT, or why the exchange was aborted. */
  async socket(exchange: Exchange): Promise<Socket> {
    const socket = this.#socket
    const onConnect = (): void => this.#outcome.resolve(socket)
    const onError = (error: Error): void =>
      this.#outcome.reject(connectError(this.#endpoint, error))
    socket.once('connect', onConnect).once('error', onError)
    deadlines.add(this)
    exchange.interruptible = this
    try {
      return await this.#outcome.promise
    } catch (error) {
      socket.destroy()
      throw error
    } finally {
      socket.off('connect', onConnect).off('error', onError)
      deadlines.remove(this)
      if (exchange.interruptible === this) exchange.interruptible = undefined
    }
  }

  interrupt(error: GatewayError): void {
    this.#outcome.reject(error)
  }

  expire(): void {
    const endpoint = this.#endpoint
    const timeoutMs = this.#timeoutMs
    this.#outcome.reject(kernelErrors.GW_UPSTREAM_CONNECT_TIMEOUT({ endpoint, timeoutMs }))
  }
}

function ignore(): void {
  // Why it failed is known; a socket without a listener would end the process.
}
