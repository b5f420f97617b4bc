/** Open connections of one entrypoint. Networks without a connection take no room. */
export class ConnectionCount implements Disposable {
  readonly #networks = new Map<string, number>()
  #total = 0

  get total(): number {
    return this.#total
  }

  /** Networks with a connection. */
  get networks(): number {
    return this.#networks.size
  }

  of(network: string): number {
    return this.#networks.get(network) ?? 0
  }

  add(): void {
    this.#total++
  }

  remove(): void {
    this.#total--
  }

  addTo(network: string): void {
    this.#networks.set(network, this.of(network) + 1)
  }

  removeFrom(network: string): void {
    const rest = this.of(network) - 1
    if (rest > 0) this.#networks.set(network, rest)
    else this.#networks.delete(network)
  }

  /** Connections that are still open go on counting here, where nobody looks any more. */
  [Symbol.dispose](): void {
    this.#networks.clear()
  }
}
