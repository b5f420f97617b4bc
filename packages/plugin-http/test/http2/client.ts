import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'

/** A response, or what became of it. */
export interface Http2Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly trailers: IncomingHttpHeaders | undefined
  readonly interim: readonly number[]
  /** With which the stream ended. */
  readonly code: number
}

/** A client by `node:http2`. */
export class Http2Client implements AsyncDisposable {
  readonly session: ClientHttp2Session
  /** What GOAWAY frames said. */
  readonly goaways: number[] = []

  constructor(session: ClientHttp2Session) {
    this.session = session
    session.on('goaway', (code) => this.goaways.push(code))
    session.on('error', () => undefined)
  }

  /** A request that the test goes on with. */
  open(headers: OutgoingHttpHeaders, endStream = false): ClientHttp2Stream {
    const stream = this.session.request({ ':path': '/', ...headers }, { endStream })
    stream.on('error', () => undefined)
    return stream
  }

  /** Sends a whole request and waits for the response. */
  async send(headers: OutgoingHttpHeaders, body?: string | Buffer): Promise<Http2Answer> {
    const stream = this.open(headers, body === undefined)
    if (body !== undefined) stream.end(body)
    return answerOf(stream)
  }

  async closed(): Promise<void> {
    if (!this.session.destroyed) await once(this.session, 'close')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.session.destroy()
  }
}

/** Connects in cleartext, with prior knowledge. */
export async function connectHttp2(url: string): Promise<Http2Client> {
  const session = connect(url)
  const client = new Http2Client(session)
  await once(session, 'connect')
  return client
}

/** Waits for the end of a stream. */
export async function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  let headers: IncomingHttpHeaders = {}
  let trailers: IncomingHttpHeaders | undefined
  const interim: number[] = []
  const pieces: Buffer[] = []
  stream.on('response', (head) => {
    headers = head
  })
  stream.on('headers', (head) => interim.push(Number(head[':status'])))
  stream.on('trailers', (fields) => {
    trailers = fields
  })
  stream.on('data', (piece: Buffer) => pieces.push(piece))
  await new Promise<void>((resolve) => {
    stream.on('close', resolve)
  })
  const status = headers[':status'] === undefined ? undefined : Number(headers[':status'])
  const body = Buffer.concat(pieces).toString('latin1')
  return { status, headers, body, trailers, interim, code: stream.rstCode ?? 0 }
}
