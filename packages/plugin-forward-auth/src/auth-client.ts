import { connectOnce, type Dialer, UpstreamOrigin } from '@gatewright/http1'
import { HeaderList, problemOf } from '@gatewright/kernel'
import { Agent, type buildConnector, request } from 'undici'

/** What is asked. */
export interface Question {
  readonly url: string
  readonly method: string
  /** Name, value, …. */
  readonly headers: string[]
  readonly body: Uint8Array | undefined
  readonly timeoutMs: number
  readonly maxBytes: number
  /** The client has gone. */
  readonly signal: AbortSignal
}

/** What came back, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: HeaderList
  readonly body: Buffer
}

/** Whoever waits for the connection has a bound of its own. */
const connectMs = 10_000

/** Sent on a connection that the server had just closed; nothing of it was answered. */
const lostConnection = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/**
 * Asks auth servers, over connections that are used again. Follows no redirects: they are for the
 * client. Proxies from the environment are not used.
 */
export class AuthClient implements AsyncDisposable {
  readonly #agent: Agent

  /** @param dialer Makes connections to a server with TLS. */
  constructor(connections: number, dialer?: Dialer) {
    const connect = dialer === undefined ? {} : { connect: connectorOver(dialer) }
    this.#agent = new Agent({ connections, pipelining: 1, ...connect })
  }

  /** Rejects with whatever went wrong, {@link problemWith} says what. */
  async ask(question: Question): Promise<Answer> {
    const signal = AbortSignal.any([question.signal, AbortSignal.timeout(question.timeoutMs)])
    try {
      return await this.#send(question, signal)
    } catch (error) {
      if (question.body !== undefined || signal.aborted || !isLost(error)) throw error
      return await this.#send(question, signal)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }

  async #send({ url, method, headers, body, maxBytes }: Question, signal: AbortSignal) {
    const answer = await request(url, {
      dispatcher: this.#agent,
      // The schema and `forward_body` allow no others.
      method: method as 'GET' | 'HEAD' | 'POST',
      headers,
      body: body ?? null,
      signal,
      responseHeaders: 'raw',
    })
    // A body that is given up says so with an error, which would end the process.
    answer.body.on('error', () => undefined)
    const pieces: Buffer[] = []
    let size = 0
    for await (const piece of answer.body) {
      // A body without encoding yields buffers.
      const bytes = piece as Buffer
      size += bytes.length
      if (size > maxBytes) throw new Error(`its answer has more than ${maxBytes} bytes`)
      pieces.push(bytes)
    }
    return {
      status: answer.statusCode,
      headers: headerListOf(answer.headers),
      body: Buffer.concat(pieces),
    }
  }
}

function connectorOver(dialer: Dialer): buildConnector.connector {
  return ({ protocol, host = '' }, done) => {
    const origin = new UpstreamOrigin(new URL(`${protocol}//${host}`))
    connectOnce(origin, dialer, AbortSignal.timeout(connectMs)).then(
      (socket) => done(null, socket),
      (error: Error) => done(error, null),
    )
  }
}

/** In words for the log; undici has several errors for the same. */
export function problemWith(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `no answer within ${timeoutMs} ms`
  }
  return problemOf(error)
}

function isLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && lostConnection.has(String(error.code))
}

/** With `responseHeaders: 'raw'` undici gives name, value, …, though its types do not say so. */
function headerListOf(headers: unknown): HeaderList {
  const fields: unknown[] = Array.isArray(headers) ? headers : []
  return HeaderList.fromRaw(
    fields.map((field) => (Buffer.isBuffer(field) ? field.toString('latin1') : String(field))),
  )
}
