import { Duplex } from 'node:stream'

/** What a session gives of itself to those who look at its exchange. */
export interface ClientEnd {
  toClient(datagram: Uint8Array): void
  close(): void
}

/**
 * The client of a session as a stream: each chunk that is written is a datagram to it. What it
 * sends goes to its server and cannot be read.
 */
export class ClientFlow extends Duplex {
  readonly #end: ClientEnd

  constructor(end: ClientEnd) {
    super({ objectMode: true })
    this.#end = end
    this.on('error', ignore)
  }

  override _read(): void {
    // Nothing is to be had here.
  }

  override _write(datagram: Uint8Array, _: string, done: () => void): void {
    this.#end.toClient(datagram)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#end.close()
    done(error)
  }
}

function ignore(): void {
  // Whoever destroyed it knows why; without a listener, the process would end.
}
