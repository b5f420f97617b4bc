import type { Agent, request } from 'undici'
import type { HttpQuestion } from './http-question.ts'
import type { Prober } from './prober.ts'

/** Asks servers over HTTP/1.1, each time over a new connection, as a client that comes does. */
export class HttpProber implements Prober {
  readonly #question: HttpQuestion
  #client: Promise<{ readonly agent: Agent; readonly request: typeof request }> | undefined =
    undefined

  constructor(question: HttpQuestion) {
    this.#question = question
  }

  async probe(server: URL, signal: AbortSignal): Promise<void> {
    const question = this.#question
    const { host } = question
    this.#client ??= loadClient()
    const client = await this.#client
    const { statusCode, body } = await client.request(question.urlFor(server), {
      dispatcher: client.agent,
      method: question.method,
      headers: host === undefined ? question.headers : { ...question.headers, host },
      reset: true,
      signal,
    })
    try {
      await question.check(statusCode, body)
    } finally {
      body.on('error', () => undefined)
      body.destroy()
    }
  }

  async close(): Promise<void> {
    const client = await this.#client
    await client?.agent.destroy()
  }
}

/** Takes tens of milliseconds, which only those pay who have servers probed. */
async function loadClient() {
  const { Agent, request } = await import('undici')
  return { agent: new Agent(), request }
}
