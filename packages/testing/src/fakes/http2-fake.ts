import { once } from 'node:events'
import {
  constants,
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { type Until, waitUntil } from '../upstream/faults.ts'
import { ListeningFake, listen, type Open } from './listening-fake.ts'

/** Fields of HTTP/2, without those that begin with a colon. */
export type Http2Fields = Readonly<Record<string, string | string[]>>

/** A response over HTTP/2, or what goes wrong in its place. */
export interface Http2Answer {
  /** Default 200. */
  readonly status?: number
  readonly headers?: Http2Fields
  /** One piece, or several, each in a frame of its own. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[]
  readonly trailers?: Http2Fields
  /** Waited for before the answer. */
  readonly delay?: Until
  /**
   * `hang`: there is no answer. `reset`: RST_STREAM in place of the rest, once the body has been
   * sent. `goaway`: GOAWAY beside the answer. `drop`: the connection is gone, without an answer.
   */
  readonly fault?: 'hang' | 'reset' | 'goaway' | 'drop'
}

/** A request that reached a fake, complete. */
export interface Http2Call {
  readonly method: string
  readonly target: string
  readonly authority: string
  /** Those that begin with a colon are not among them. */
  readonly headers: Readonly<Record<string, string>>
  readonly trailers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** The body as UTF-8. */
  readonly text: string
}

/** One answer: a status, or a response. */
export type Http2Reply = number | Http2Answer

/** Decides when the whole request is there. */
export type Http2Handler = (call: Http2Call) => Http2Reply | PromiseLike<Http2Reply>

/** What a fake does: always the same, or one after the other, of which the last repeats. */
export type Http2Behaviour = Http2Reply | Http2Handler | readonly (Http2Reply | Http2Handler)[]

/** A server of HTTP/2 without TLS (`h2c://`). Its calls are the requests. */
export class Http2Fake extends ListeningFake<Http2Call> {
  readonly #sessions = new Set<Http2Session>()
  #behaviour: Http2Behaviour
  #step = 0

  /** @internal */
  constructor(behaviour: Http2Behaviour) {
    super('h2c')
    this.#behaviour = behaviour
  }

  /** Another behaviour, from the next request on. */
  behave(behaviour: Http2Behaviour): void {
    this.#behaviour = behaviour
    this.#step = 0
  }

  protected open(): Promise<Open> {
    const server = createServer()
    server.on('session', (session) => {
      this.#sessions.add(session)
      session.on('close', () => this.#sessions.delete(session))
    })
    server.on('stream', (stream, headers) => {
      // The gateway may give a request up at any time.
      stream.on('error', () => undefined)
      this.#serve(stream, headers).catch(() => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
    })
    return listen(server, () => {
      for (const session of this.#sessions) session.destroy()
    })
  }

  async #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const call = await callOf(stream, headers)
    const step = this.#next()
    this.log.add(call)
    const reply = typeof step === 'function' ? await step(call) : step
    const answer = typeof reply === 'number' ? { status: reply } : reply
    if (answer.delay !== undefined) await waitUntil(answer.delay)
    if (!stream.destroyed) respond(stream, answer)
  }

  #next(): Http2Reply | Http2Handler {
    const behaviour = this.#behaviour
    if (!isList(behaviour)) return behaviour
    return behaviour[Math.min(this.#step++, behaviour.length - 1)] ?? 200
  }
}

async function callOf(stream: ServerHttp2Stream, fields: IncomingHttpHeaders): Promise<Http2Call> {
  const pieces: Buffer[] = []
  let trailers: Readonly<Record<string, string>> = {}
  stream.on('trailers', (given: IncomingHttpHeaders) => {
    trailers = plainFields(given)
  })
  stream.on('data', (piece: Buffer) => pieces.push(piece))
  if (!stream.readableEnded) await once(stream, 'end')
  const body = Buffer.concat(pieces)
  return {
    method: String(fields[':method']),
    target: String(fields[':path']),
    authority: String(fields[':authority']),
    headers: plainFields(fields),
    trailers,
    body,
    text: body.toString(),
  }
}

function respond(stream: ServerHttp2Stream, answer: Http2Answer): void {
  const { fault } = answer
  if (fault === 'hang') return
  if (fault === 'drop') stream.session?.destroy()
  else write(stream, answer)
}

function write(stream: ServerHttp2Stream, answer: Http2Answer): void {
  const { status = 200, headers = {}, body = '', trailers, fault } = answer
  if (fault === 'goaway') stream.session?.goaway()
  if (trailers !== undefined) stream.on('wantTrailers', () => stream.sendTrailers({ ...trailers }))
  stream.respond({ ...headers, ':status': status }, { waitForTrailers: trailers !== undefined })
  const pieces = typeof body === 'string' || body instanceof Uint8Array ? [body] : body
  for (const piece of pieces) stream.write(piece)
  if (fault !== 'reset') stream.end()
  // After what was written has left.
  else stream.write('', () => stream.destroy(new Error('reset')))
}

function plainFields(fields: IncomingHttpHeaders): Record<string, string> {
  const named = Object.entries(fields).filter(([name]) => !name.startsWith(':'))
  return Object.fromEntries(named.map(([name, value]) => [name, String(value)]))
}

function isList(behaviour: Http2Behaviour): behaviour is readonly (Http2Reply | Http2Handler)[] {
  return Array.isArray(behaviour)
}
