import { once } from 'node:events'
import { connect as connectSocket, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { errors } from '../errors.ts'
import { readBody } from '../wire/body.ts'
import { parseStatusLine, readHead, responseFraming } from '../wire/head.ts'
import { type Ending, SocketReader } from '../wire/socket-reader.ts'
import { RawResponse, type ResponseHead } from './raw-response.ts'

/** Which request a response answers: its body depends on the method (RFC 9112 section 6.3). */
export interface ResponseTo {
  /** Default GET. */
  readonly method?: string
}

/** What a client does that most do not. */
export interface ConnectOptions {
  /** It does not end when the other side has ended, so that it can go on sending. Default false. */
  readonly allowHalfOpen?: boolean
  /** Encrypts; say at least whom the client trusts, as `ca`. Default: cleartext. */
  readonly tls?: ConnectionOptions
}

/**
 * Opens a connection to 127.0.0.1, on which a test may send any bytes it likes. Rejects if the
 * handshake of TLS fails.
 */
export async function connect(
  port: number,
  { allowHalfOpen = false, tls }: ConnectOptions = {},
): Promise<RawClient> {
  const socket = connectSocket({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen })
  if (tls === undefined) {
    const client = new RawClient(socket)
    await once(socket, 'connect')
    return client
  }
  await once(socket, 'connect')
  const secure = connectTls({ ...tls, socket })
  try {
    await once(secure, 'secureConnect')
  } catch (error) {
    socket.destroy()
    throw error
  }
  return new RawClient(socket, secure)
}

/** The client's end of one connection. Reads strictly: throws GW_TESTING_WIRE. */
export class RawClient implements Disposable {
  /** What was agreed upon, if the connection is encrypted. */
  readonly secure: TLSSocket | undefined
  readonly #socket: Socket
  /** The connection below, if it is encrypted. */
  readonly #raw: Socket
  readonly #reader: SocketReader

  /** @internal */
  constructor(raw: Socket, secure?: TLSSocket) {
    this.#raw = raw
    this.#socket = secure ?? raw
    this.secure = secure
    this.#reader = new SocketReader(this.#socket)
  }

  get localPort(): number | undefined {
    return this.#socket.localPort
  }

  /** Text is latin1. Resolves when the bytes have left; under back-pressure that may take long. */
  async send(bytes: string | Uint8Array): Promise<void> {
    const content = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    const { promise, resolve } = Promise.withResolvers<void>()
    // A lost connection shows when the test reads.
    this.#socket.write(content, () => resolve())
    await promise
  }

  /** The next response whole, after its 1xx ones. */
  async readResponse(to: ResponseTo = {}): Promise<RawResponse> {
    const interim: ResponseHead[] = []
    let head = await this.readHead()
    while (head.status < 200 && head.status !== 101) {
      interim.push(head)
      head = await this.readHead()
    }
    const pieces: Buffer[] = []
    const trailers = await this.readBody(head, (bytes) => pieces.push(bytes), to)
    return new RawResponse(head, Buffer.concat(pieces), trailers, interim)
  }

  /** The next response head, 1xx or final; the body is left to be read. */
  async readHead(): Promise<ResponseHead> {
    const head = await readHead(this.#reader)
    if (head === undefined) {
      throw errors.GW_TESTING_CONNECTION_LOST({ how: 'end', unread: 'nothing' })
    }
    return { ...head, ...parseStatusLine(head.startLine) }
  }

  /** Hands out the body that belongs to a head, decoded, as it arrives; the result is the trailers. */
  async readBody(
    head: ResponseHead,
    take: (bytes: Buffer) => void,
    to: ResponseTo = {},
  ): Promise<string[]> {
    return readBody(this.#reader, responseFraming(head, head, to.method ?? 'GET'), take)
  }

  /** Bytes as they are, framing included. */
  async readBytes(length: number): Promise<Buffer> {
    return this.#reader.readExactly(length)
  }

  /** What has come, at least one byte; none at the end. */
  async readSome(): Promise<Buffer> {
    return this.#reader.readSome()
  }

  /** Everything up to and including `delimiter`, as it is. */
  async readUntil(delimiter: string): Promise<string> {
    return (await this.#reader.readUntil(delimiter)).toString('latin1')
  }

  /** Everything until the other side closes, as it is. */
  async readToEnd(): Promise<Buffer> {
    return this.#reader.readToEnd()
  }

  /** Resolves when the other side has closed the connection, and tells how. */
  async closed(): Promise<Ending> {
    return this.#reader.ended
  }

  /** Reads nothing more, so that the other side has to wait. */
  pause(): void {
    this.#reader.pause()
  }

  resume(): void {
    this.#reader.resume()
  }

  /** Sends a FIN and goes on reading. */
  end(): void {
    this.#socket.end()
  }

  /** Ends the connection with an RST. */
  reset(): void {
    this.#raw.resetAndDestroy()
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}
