/** Servers whose sessions are kept; of more, those that were met least recently are forgotten. */
const mostServers = 256

/** The last session with each server, so that the next handshake with it is a short one. */
export class SessionCache {
  readonly #most: number
  readonly #sessions = new Map<string, Buffer>()

  constructor(most: number = mostServers) {
    this.#most = most
  }

  get(server: string): Buffer | undefined {
    return this.#sessions.get(server)
  }

  set(server: string, session: Buffer): void {
    // A Map gives out its keys in the order in which they came.
    this.#sessions.delete(server)
    this.#sessions.set(server, session)
    if (this.#sessions.size <= this.#most) return
    const [oldest] = this.#sessions.keys()
    if (oldest !== undefined) this.#sessions.delete(oldest)
  }

  delete(server: string): void {
    this.#sessions.delete(server)
  }
}
