import { once } from 'node:events'
import { connect } from 'node:net'
import { hostOf, type Prober, portOf } from './prober.ts'

/** Sees whether a server accepts connections. */
export class TcpProber implements Prober {
  readonly #port: number | undefined

  /** @param port In place of the server's own. */
  constructor(port: number | undefined) {
    this.#port = port
  }

  async probe(server: URL, signal: AbortSignal): Promise<void> {
    const socket = connect({ host: hostOf(server), port: this.#port ?? portOf(server) })
    try {
      await once(socket, 'connect', { signal })
    } finally {
      // What comes after this concerns nobody.
      socket.on('error', () => undefined)
      socket.destroy()
    }
  }

  async close(): Promise<void> {}
}
