import { connect, type Socket } from 'node:net'
import type { Deadlines, Timed } from '../deadlines.ts'
import type { UpstreamOrigin } from './upstream-origin.ts'

/** Told how connecting went; exactly one of these, once. */
export interface ConnectHost {
  onConnected(connecting: Connecting, socket: Socket): void
  onConnectFailed(connecting: Connecting, error: Error): void
  /** It took too long, and was given up. */
  onConnectExpired(connecting: Connecting): void
}

/** A connection that is being made. */
export class Connecting implements Timed {
  dueAt: number
  readonly #host: ConnectHost
  readonly #deadlines: Deadlines
  readonly #socket: Socket

  /** @param timeoutMs 0 means without a bound, except that of the system. */
  constructor(host: ConnectHost, origin: UpstreamOrigin, timeoutMs: number, deadlines: Deadlines) {
    this.#host = host
    this.#deadlines = deadlines
    this.dueAt = deadlines.later(timeoutMs)
    this.#socket = connect({
      host: origin.host,
      port: origin.port,
      allowHalfOpen: true,
      keepAlive: true,
      noDelay: true,
    })
    // Whoever takes it begins to read; the wire may do so in a way of its own.
    this.#socket.pause()
    this.#socket.on('connect', this.#onConnect)
    this.#socket.on('error', this.#onError)
    deadlines.add(this)
  }

  expire(): void {
    this.cancel()
    this.#host.onConnectExpired(this)
  }

  /** Gives up, and tells nobody. */
  cancel(): void {
    this.#leave()
    this.#socket.on('error', ignore)
    this.#socket.destroy()
  }

  readonly #onConnect = (): void => {
    this.#leave()
    this.#host.onConnected(this, this.#socket)
  }

  readonly #onError = (error: Error): void => {
    this.#leave()
    this.#socket.destroy()
    this.#host.onConnectFailed(this, error)
  }

  #leave(): void {
    this.#deadlines.remove(this)
    this.#socket.off('connect', this.#onConnect)
    this.#socket.off('error', this.#onError)
  }
}

function ignore(): void {
  // The connection was given up; why it failed concerns nobody.
}
