import { once } from 'node:events'
import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2'
import type { Socket } from 'node:net'
import { isSecure } from '@gatewright/tls'
import type { Connections } from './connections.ts'
import type { HttpQuestion } from './http-question.ts'
import type { Prober } from './prober.ts'

/** What came back: the head, and the body to be read. */
export interface Http2Answer {
  readonly headers: IncomingHttpHeaders
  readonly body: AsyncIterable<Uint8Array>
  /** The fields after the body; comes once that was read. */
  readonly trailers: () => IncomingHttpHeaders
}

/** Sends one request over a connection, which it ends, and hands the answer to `take`. */
export async function askOverHttp2(
  socket: Socket,
  headers: OutgoingHttpHeaders,
  body: Buffer | undefined,
  signal: AbortSignal,
  take: (answer: Http2Answer) => Promise<void>,
): Promise<void> {
  // What it is called in requests is in their headers.
  const session = connect('http://localhost', { createConnection: () => socket })
  socket.resume()
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)
  session.on('error', failed.reject)
  signal.addEventListener('abort', () => failed.reject(signal.reason))
  try {
    const stream = session.request(headers, { endStream: body === undefined })
    stream.on('error', failed.reject)
    let trailers: IncomingHttpHeaders = {}
    stream.on('trailers', (fields) => (trailers = fields))
    if (body !== undefined) stream.end(body)
    const answered = async (): Promise<void> => {
      // The first argument of the event are the fields.
      const [fields] = (await once(stream, 'response')) as [IncomingHttpHeaders]
      await take({ headers: fields, body: stream, trailers: () => trailers })
    }
    await Promise.race([answered(), failed.promise])
  } finally {
    session.destroy()
  }
}

/** Asks servers over HTTP/2, as their clients do. */
export class Http2Prober implements Prober {
  readonly #question: HttpQuestion
  readonly #connections: Connections

  constructor(question: HttpQuestion, connections: Connections) {
    this.#question = question
    this.#connections = connections
  }

  async probe(server: URL, signal: AbortSignal): Promise<void> {
    const question = this.#question
    const asked = question.urlFor(server)
    const { host, pathname, search } = asked
    const headers = {
      ...question.headers,
      ':method': question.method,
      ':path': pathname + search,
      ':scheme': isSecure(asked) ? 'https' : 'http',
      ':authority': question.host ?? host,
    }
    const socket = await this.#connections.open(asked, ['h2'], signal)
    await askOverHttp2(socket, headers, undefined, signal, (answer) =>
      question.check(Number(answer.headers[':status']), answer.body),
    )
  }

  async close(): Promise<void> {}
}
