import type { Socket } from 'node:net'
import { errors } from '../errors.ts'

/** How the other side ended a connection: with a FIN, or with an RST or another failure. */
export type Ending = 'end' | 'reset'

/**
 * Reads a socket piece by piece. Takes whatever arrives, so that an end is noticed even while
 * nobody reads; only {@link SocketReader.pause} lets back-pressure build up.
 */
export class SocketReader {
  /** Resolves at the first sign that nothing more will come. */
  readonly ended: Promise<Ending>
  readonly #socket: Socket
  #unread: Buffer = Buffer.alloc(0)
  #ending: Ending | undefined = undefined
  #wake: (() => void) | undefined = undefined

  constructor(socket: Socket) {
    this.#socket = socket
    const { promise, resolve } = Promise.withResolvers<Ending>()
    this.ended = promise
    const finish = (ending: Ending): void => {
      this.#ending ??= ending
      resolve(this.#ending)
      this.#wake?.()
    }
    socket.on('data', (chunk: Buffer) => {
      this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk])
      this.#wake?.()
    })
    socket.on('end', () => finish('end'))
    socket.on('error', () => finish('reset'))
    socket.on('close', () => finish('end'))
  }

  /** Bytes that have arrived and that nobody has read. */
  get unread(): number {
    return this.#unread.length
  }

  /** Takes nothing more from the socket until {@link SocketReader.resume}. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** True if the connection was ended in order before another byte arrived. */
  async atEnd(): Promise<boolean> {
    if (await this.#arrived()) return false
    if (this.#ending === 'reset') throw this.#lost()
    return true
  }

  /** What has arrived, at least one byte and at most `max`; empty at the end. */
  async readSome(max: number = Number.POSITIVE_INFINITY): Promise<Buffer> {
    if (await this.atEnd()) return Buffer.alloc(0)
    return this.#take(Math.min(max, this.#unread.length))
  }

  /** Throws GW_TESTING_CONNECTION_LOST. */
  async readExactly(length: number): Promise<Buffer> {
    while (this.#unread.length < length) await this.#more()
    return this.#take(length)
  }

  /** Up to and including `delimiter`. Throws GW_TESTING_CONNECTION_LOST. */
  async readUntil(delimiter: string): Promise<Buffer> {
    let searched = 0
    for (;;) {
      const found = this.#unread.indexOf(delimiter, searched, 'latin1')
      if (found >= 0) return this.#take(found + delimiter.length)
      searched = Math.max(0, this.#unread.length - delimiter.length)
      await this.#more()
    }
  }

  /** Throws GW_TESTING_CONNECTION_LOST if the end is a reset. */
  async readToEnd(): Promise<Buffer> {
    const pieces: Buffer[] = []
    while (!(await this.atEnd())) pieces.push(this.#take(this.#unread.length))
    return Buffer.concat(pieces)
  }

  #take(length: number): Buffer {
    const taken = this.#unread.subarray(0, length)
    this.#unread = this.#unread.subarray(length)
    return taken
  }

  /** Waits for a byte; false if the connection has ended instead. */
  async #arrived(): Promise<boolean> {
    while (this.#unread.length === 0 && this.#ending === undefined) await this.#news()
    return this.#unread.length > 0
  }

  async #more(): Promise<void> {
    const before = this.#unread.length
    while (this.#unread.length === before) {
      if (this.#ending !== undefined) throw this.#lost()
      await this.#news()
    }
  }

  async #news(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    await promise
    this.#wake = undefined
  }

  #lost(): Error {
    const unread = JSON.stringify(this.#unread.subarray(0, 200).toString('latin1'))
    return errors.GW_TESTING_CONNECTION_LOST({ how: this.#ending ?? 'end', unread })
  }
}
