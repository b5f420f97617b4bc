import type { Socket } from 'node:net'
import type { Timed } from '@gatewright/http1'
import { deadlines } from './environment.ts'

/** What a client says before anybody knows where it goes. */
export class FirstBytes implements Timed {
  dueAt = Number.POSITIVE_INFINITY
  readonly #socket: Socket
  #buffer: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0
  #over = false
  #waiting: ((more: boolean) => void) | undefined = undefined

  constructor(socket: Socket) {
    this.#socket = socket
    deadlines.add(this)
    socket.on('data', this.#onData).on('end', this.#onOver).on('close', this.#onOver)
  }

  /** What nobody has taken yet. Valid until the next wait. */
  get unread(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end)
  }

  /** Takes bytes away from the front. */
  take(count: number): void {
    this.#start += count
  }

  /** From now on, waiting for more is in vain after that long. */
  limit(timeoutMs: number): void {
    this.dueAt = deadlines.later(timeoutMs)
  }

  /** Comes back when there are more bytes; with false if none came in time, or at all. */
  more(): Promise<boolean> {
    if (this.#over) return Promise.resolve(false)
    return new Promise((resolve) => {
      this.#waiting = resolve
      this.#socket.resume()
    })
  }

  /** Nobody waits any more. The socket is paused, and what was not taken can still be had. */
  stop(): void {
    deadlines.remove(this)
    const socket = this.#socket
    socket.off('data', this.#onData).off('end', this.#onOver).off('close', this.#onOver)
    socket.pause()
  }

  expire(): void {
    this.dueAt = Number.POSITIVE_INFINITY
    this.#settle(false)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#append(chunk)
    this.#socket.pause()
    this.#settle(true)
  }

  readonly #onOver = (): void => {
    this.#over = true
    this.#settle(false)
  }

  #settle(more: boolean): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.(more)
  }

  #append(chunk: Buffer): void {
    if (this.#start === this.#end) {
      // Most clients say all of it at once.
      this.#buffer = chunk
      this.#start = 0
      this.#end = chunk.length
      return
    }
    const length = this.#end + chunk.length
    if (length > this.#buffer.length) {
      const bigger = Buffer.allocUnsafeSlow(2 * length)
      this.#buffer.copy(bigger, 0, 0, this.#end)
      this.#buffer = bigger
    }
    chunk.copy(this.#buffer, this.#end)
    this.#end = length
  }
}
