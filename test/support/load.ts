import { Agent, request } from 'node:http'

/** Clients of each kind: some stay on their connection, the others take a new one each time. */
const clients = 8

/** Clients that send one request after the other, and what came of it. */
export class Load implements AsyncDisposable {
  /** Answers by status. */
  readonly statuses: Map<number, number> = new Map()
  /** What went wrong, by error code. */
  readonly failures: Map<string, number> = new Map()
  readonly #kept = new Agent({ keepAlive: true, maxSockets: clients })
  readonly #fresh = new Agent({ keepAlive: false, maxSockets: clients })
  readonly #port: number
  /** Requests by client. */
  readonly #sent: number[] = []
  #answered = 0
  readonly #clients: Promise<void>[]
  #waiting: (() => void)[] = []
  #stopped = false

  constructor(port: number) {
    this.#port = port
    this.#clients = Array.from({ length: clients * 2 }, (_, client) => this.#run(client))
  }

  /** Comes back when that many more requests were answered. */
  async answers(count: number): Promise<void> {
    const wanted = this.#answered + count
    while (this.#answered < wanted) await this.#news()
  }

  /** The statuses since it was last asked, once every client has heard of the request it was at. */
  async settled(): Promise<number[]> {
    const before = [...this.#sent]
    while (this.#sent.some((count, client) => count === before[client])) await this.#news()
    const statuses = [...this.statuses.keys()]
    this.statuses.clear()
    return statuses
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#clients)
    this.#kept.destroy()
    this.#fresh.destroy()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  async #run(client: number): Promise<void> {
    const agent = client % 2 === 0 ? this.#kept : this.#fresh
    while (!this.#stopped) {
      this.#sent[client] = (this.#sent[client] ?? 0) + 1
      try {
        const status = await this.#send(agent)
        this.#answered++
        this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
        this.failures.set(code, (this.failures.get(code) ?? 0) + 1)
      }
      for (const wake of this.#waiting.splice(0)) wake()
    }
  }

  #send(agent: Agent): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const options = { host: '127.0.0.1', port: this.#port, agent }
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
