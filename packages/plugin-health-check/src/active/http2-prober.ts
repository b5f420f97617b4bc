import { once } from 'node:events'
import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2'
import type { HttpQuestion } from './http-question.ts'
import type { Prober } from './prober.ts'

/** What came back: the head, and the body to be read. */
export interface Http2Answer {
  readonly headers: IncomingHttpHeaders
  readonly body: AsyncIterable<Uint8Array>
  /** The fields after the body; comes once that was read. */
  readonly trailers: () => IncomingHttpHeaders
}

/** Sends one request over a connection of its own, and hands the answer to `take`. */
export async function askOverHttp2(
  authority: string,
  headers: OutgoingHttpHeaders,
  body: Buffer | undefined,
  signal: AbortSignal,
  take: (answer: Http2Answer) => Promise<void>,
): Promise<void> {
  const session = connect(authority)
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

/** Asks servers over HTTP/2 without TLS, as their clients do. */
export class Http2Prober implements Prober {
  readonly #question: HttpQuestion

  constructor(question: HttpQuestion) {
    this.#question = question
  }

  async probe(server: URL, signal: AbortSignal): Promise<void> {
    const question = this.#question
    const { host, pathname, search } = question.urlFor(server)
    const headers = {
      ...question.headers,
      ':method': question.method,
      ':path': pathname + search,
      ':authority': question.host ?? host,
    }
    await askOverHttp2(`http://${host}`, headers, undefined, signal, (answer) =>
      question.check(Number(answer.headers[':status']), answer.body),
    )
  }

  async close(): Promise<void> {}
}
