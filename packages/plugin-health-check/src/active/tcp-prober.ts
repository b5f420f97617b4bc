import type { Connections } from './connections.ts'
import type { Prober } from './prober.ts'

/** Sees whether a server accepts connections, and can prove who it is if it speaks TLS. */
export class TcpProber implements Prober {
  readonly #port: number | undefined
  readonly #connections: Connections

  /** @param port In place of the server's own. */
  constructor(port: number | undefined, connections: Connections) {
    this.#port = port
    this.#connections = connections
  }

  async probe(server: URL, signal: AbortSignal): Promise<void> {
    const asked = new URL(server)
    if (this.#port !== undefined) asked.port = String(this.#port)
    const socket = await this.#connections.open(asked, [], signal)
    // What comes after this concerns nobody.
    socket.on('error', () => undefined).destroy()
  }

  async close(): Promise<void> {}
}
