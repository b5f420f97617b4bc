/** What a test has opened and has to be gone when the gateway stops, or right after it. */
export class OpenThings {
  readonly #clients = new Set<() => void>()
  readonly #after: (() => Promise<void>)[] = []

  /** Destroys it before the gateway stops. */
  destroyLater(client: { destroy(): unknown }): void {
    this.#clients.add(() => void client.destroy())
  }

  /** The same for what is disposed of. Returns its argument. */
  disposeLater<T extends Disposable>(client: T): T {
    this.#clients.add(() => client[Symbol.dispose]())
    return client
  }

  /** The same for what is closed. Returns its argument. */
  closeLater<T extends { close(): void }>(client: T): T {
    this.#clients.add(() => client.close())
    return client
  }

  /** Runs once the gateway has stopped. */
  after(close: () => Promise<void>): void {
    this.#after.push(close)
  }

  /** Clients go. */
  leave(): void {
    for (const go of this.#clients) go()
    this.#clients.clear()
  }

  /** Closes what the gateway was connected to. Throws what the first of them throws. */
  async close({ quiet = false }: { readonly quiet?: boolean } = {}): Promise<void> {
    const outcomes = await Promise.allSettled(this.#after.splice(0).map((close) => close()))
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failure !== undefined && !quiet) throw failure.reason
  }
}
