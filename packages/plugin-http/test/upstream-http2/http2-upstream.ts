import { once } from 'node:events'
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2'
import type { AddressInfo } from 'node:net'

/** A request that came to a {@link Http2Upstream}. */
export interface Arrived {
  readonly stream: ServerHttp2Stream
  readonly session: ServerHttp2Session
  readonly headers: IncomingHttpHeaders
  /** Name, value, name, value, …, in the order in which they came. */
  readonly raw: readonly string[]
}

/** Answers one request. What it does later must not fail. */
export type Answer = (arrived: Arrived) => unknown

/** A server of HTTP/2 in cleartext. */
export class Http2Upstream implements AsyncDisposable {
  readonly arrived: Arrived[] = []
  /** Every connection so far. */
  readonly sessions: ServerHttp2Session[] = []
  readonly #server: Http2Server
  readonly #open = new Set<ServerHttp2Session>()

  constructor(server: Http2Server, answer: Answer) {
    this.#server = server
    server.on('session', (session) => {
      this.sessions.push(session)
      this.#open.add(session)
      session.on('error', () => undefined)
      session.on('close', () => this.#open.delete(session))
    })
    server.on('stream', (stream, headers, _flags, raw) => {
      // The stream of a server has a session.
      const arrived = { stream, session: stream.session as ServerHttp2Session, headers, raw }
      stream.on('error', () => undefined)
      this.arrived.push(arrived)
      answer(arrived)
    })
  }

  get url(): string {
    // It listens at a port.
    return `h2c://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Connections that are open. */
  get open(): number {
    return this.#open.size
  }

  /** Streams that are open on any of them. */
  get streams(): number {
    return this.arrived.filter(({ stream }) => !stream.destroyed).length
  }

  /** Closes all connections. */
  cut(): void {
    for (const session of this.#open) session.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Starts a server of HTTP/2 at a port of its own. */
export async function startHttp2Upstream(
  answer: Answer = respond('hello'),
  options: ServerOptions = {},
): Promise<Http2Upstream> {
  const server = createServer(options)
  const upstream = new Http2Upstream(server, answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return upstream
}

/** Answers with 200 and a text, without waiting for the request body. */
export function respond(text: string): Answer {
  return ({ stream }) => {
    stream.respond({ ':status': 200 })
    stream.end(text)
  }
}

/** Reads the request body to its end. */
export async function bodyOf({ stream }: Arrived): Promise<string> {
  let text = ''
  for await (const bytes of stream) text += String(bytes)
  return text
}
