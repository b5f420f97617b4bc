import type { Agent, Client, request } from 'undici'
import type { Connections } from './connections.ts'
import type { HttpQuestion } from './http-question.ts'
import type { Prober } from './prober.ts'

/** What is used of undici. */
interface Undici {
  readonly agent: Agent
  readonly Client: typeof Client
  readonly request: typeof request
}

/** Asks servers over HTTP/1.1, each time over a new connection, as a client that comes does. */
export class HttpProber implements Prober {
  readonly #question: HttpQuestion
  readonly #connections: Connections
  #undici: Promise<Undici> | undefined = undefined

  constructor(question: HttpQuestion, connections: Connections) {
    this.#question = question
    this.#connections = connections
  }

  async probe(server: URL, signal: AbortSignal): Promise<void> {
    const asked = this.#question.urlFor(server)
    this.#undici ??= loadUndici()
    const undici = await this.#undici
    if (asked.protocol !== 'https:') return this.#ask(undici, undici.agent, asked, signal)
    const socket = await this.#connections.open(asked, ['http/1.1'], signal)
    const client = new undici.Client(asked.origin, {
      // It does not expect a connection at once.
      connect: (_, done) => queueMicrotask(() => done(null, socket)),
    })
    try {
      await this.#ask(undici, client, asked, signal)
    } finally {
      await client.destroy()
      // It is not the client's as long as nothing was asked.
      socket.on('error', () => undefined).destroy()
    }
  }

  async close(): Promise<void> {
    const undici = await this.#undici
    await undici?.agent.destroy()
  }

  async #ask(
    undici: Undici,
    dispatcher: Agent | Client,
    asked: URL,
    signal: AbortSignal,
  ): Promise<void> {
    const { host, headers, method } = this.#question
    const { statusCode, body } = await undici.request(asked, {
      dispatcher,
      method,
      headers: host === undefined ? headers : { ...headers, host },
      reset: true,
      signal,
    })
    try {
      await this.#question.check(statusCode, body)
    } finally {
      body.on('error', () => undefined)
      body.destroy()
    }
  }
}

/** Takes tens of milliseconds, which only those pay who have servers probed. */
async function loadUndici(): Promise<Undici> {
  const { Agent, Client, request } = await import('undici')
  return { agent: new Agent(), Client, request }
}
