/** A server that listens on a port of the loopback address. */
export interface Open {
  readonly port: number
  readonly close: () => Promise<void>
}

/** Starts the server of a fake once, and tells where it is. */
export class Listening {
  readonly #scheme: string
  readonly #open: () => Promise<Open>
  #opened: Open | undefined = undefined

  constructor(scheme: string, open: () => Promise<Open>) {
    this.#scheme = scheme
    this.#open = open
  }

  get port(): number {
    if (this.#opened !== undefined) return this.#opened.port
    throw new Error('the fake has not started; give it to createTestGateway, or await start()')
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    this.#opened ??= await this.#open()
  }

  async close(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    await opened?.close()
  }
}
