import type { Socket } from 'node:net'
import type { Deadlines, Timed } from '../deadlines.ts'
import { type Dialer, dialTcp } from './dialer.ts'
import type { UpstreamOrigin } from './upstream-origin.ts'

/** Told how connecting went; exactly one of these, once. */
export interface ConnectHost {
  onConnected(connecting: Connecting, socket: Socket): void
  onConnectFailed(connecting: Connecting, error: Error): void
  /** It took too long, and was given up. */
  onConnectExpired(connecting: Connecting): void
}

/** A connection that is being made, until requests can be sent over it. */
export class Connecting implements Timed {
  dueAt: number
  readonly #startedAt = performance.now()
  readonly #host: ConnectHost
  readonly #origin: UpstreamOrigin
  readonly #dialer: Dialer
  readonly #deadlines: Deadlines
  #socket: Socket

  /** @param timeoutMs 0 means without a bound, except that of the system. */
  constructor(
    host: ConnectHost,
    origin: UpstreamOrigin,
    dialer: Dialer,
    timeoutMs: number,
    deadlines: Deadlines,
  ) {
    this.#host = host
    this.#origin = origin
    this.#dialer = dialer
    this.#deadlines = deadlines
    this.dueAt = deadlines.later(timeoutMs)
    this.#socket = dialTcp(origin).on('connect', this.#onConnect).on('error', this.#onError)
    deadlines.add(this)
  }

  /** How long it has taken so far, in milliseconds. */
  get tookMs(): number {
    return performance.now() - this.#startedAt
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
    if (this.#dialer.secure === undefined) return this.#onReady()
    const carrier = this.#socket.off('connect', this.#onConnect).off('error', this.#onError)
    this.#socket = this.#dialer.secure(carrier, this.#origin)
    this.#socket.on('secureConnect', this.#onReady).on('error', this.#onError)
  }

  readonly #onReady = (): void => {
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
    const socket = this.#socket.off('connect', this.#onConnect).off('error', this.#onError)
    socket.off('secureConnect', this.#onReady)
  }
}

function ignore(): void {
  // The connection was given up; why it failed concerns nobody.
}
