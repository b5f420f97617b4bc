import { Agent, request } from 'node:http'

/** Clients that send one request after the other, and what came of it. */
export class Load implements AsyncDisposable {
  /** Answers by status. */
  readonly statuses: Map<number, number> = new Map()
  /** What went wrong, by error code. */
  readonly failures: Map<string, number> = new Map()
  readonly #agent: Agent
  readonly #port: number
  readonly #clients: Promise<void>[]
  #waiting: (() => void)[] = []
  #stopped = false

  /** With `keepAlive` each client stays on its connection for as long as the server lets it. */
  constructor(port: number, { clients, keepAlive }: { clients: number; keepAlive: boolean }) {
    this.#port = port
    this.#agent = new Agent({ keepAlive, maxSockets: clients })
    this.#clients = Array.from({ length: clients }, () => this.#run())
  }

  /** Comes back when that many more requests were answered. */
  async answers(count: number): Promise<void> {
    const wanted = this.#answered() + count
    while (this.#answered() < wanted) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#clients)
    this.#agent.destroy()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #answered(): number {
    return [...this.statuses.values()].reduce((sum, count) => sum + count, 0)
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const status = await this.#send()
        this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
        this.failures.set(code, (this.failures.get(code) ?? 0) + 1)
      }
      for (const wake of this.#waiting.splice(0)) wake()
    }
  }

  #send(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const options = { host: '127.0.0.1', port: this.#port, agent: this.#agent }
    const sent = request(options, (response) => {
      response.once('error', reject)
      response.once('end', () => resolve(response.statusCode ?? 0))
      response.resume()
    })
    sent.once('error', reject)
    sent.end()
    return promise
  }
}
