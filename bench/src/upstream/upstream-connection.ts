import { createPayload } from '../payload.ts'
import { type BodyCheck, ChunkedBodyCheck, CountedBodyCheck } from './body-check.ts'

const endOfHead = Buffer.from('\r\n\r\n')
/** fast-gateway adds a question mark. */
const requestLine = /^(?:GET|POST) (?:\/api)?\/payload\/(\d+)(?:\/(\d+))?\?? HTTP\/1\.1\r\n/
const contentLength = /\r\ncontent-length: *(\d+)\r\n/i
const chunkedCoding = /\r\ntransfer-encoding: *chunked\r\n/i

/** Where the answers go. */
export interface Client {
  write(bytes: Buffer | string): unknown
  end(bytes: string): unknown
}

/** The server's side of one connection. */
export class UpstreamConnection {
  readonly #client: Client
  /** What has come of a head or a chunk that is not complete. */
  #pending: Buffer | undefined = undefined
  #answer: Buffer = Buffer.alloc(0)
  #body: BodyCheck | undefined = undefined

  constructor(client: Client) {
    this.#client = client
  }

  push(bytes: Buffer): void {
    let rest = this.#pending === undefined ? bytes : Buffer.concat([this.#pending, bytes])
    this.#pending = undefined
    while (rest.length > 0) {
      const taken =
        this.#body === undefined ? this.#takeHead(rest) : this.#takeBody(this.#body, rest)
      if (taken === 0) {
        this.#pending = rest
        return
      }
      rest = rest.subarray(taken)
    }
  }

  #takeHead(bytes: Buffer): number {
    const end = bytes.indexOf(endOfHead)
    if (end < 0) return 0
    const head = bytes.toString('latin1', 0, end + 2)
    const request = requestLine.exec(head)
    if (request === null) {
      this.#client.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
      return bytes.length
    }
    const [, size, uploadSize = '0'] = request
    this.#answer = answerOf(Number(size))
    this.#body = bodyOf(head, payloadOf(Number(uploadSize)))
    if (this.#body.complete) this.#finish(this.#body)
    return end + endOfHead.length
  }

  #takeBody(body: BodyCheck, bytes: Buffer): number {
    const taken = body.take(bytes)
    if (body.complete) this.#finish(body)
    return taken
  }

  #finish({ right }: BodyCheck): void {
    const refusal = 'HTTP/1.1 422 Unprocessable Content\r\nContent-Length: 0\r\n\r\n'
    this.#client.write(right ? this.#answer : refusal)
    this.#body = undefined
  }
}

function bodyOf(head: string, expected: Buffer): BodyCheck {
  if (chunkedCoding.test(head)) return new ChunkedBodyCheck(expected)
  return new CountedBodyCheck(expected, Number(contentLength.exec(head)?.[1] ?? 0))
}

const payloads = new Map<number, Buffer>()
const answers = new Map<number, Buffer>()

function payloadOf(bytes: number): Buffer {
  const known = payloads.get(bytes)
  if (known !== undefined) return known
  const made = createPayload(bytes)
  payloads.set(bytes, made)
  return made
}

/** Head and body in one piece, as they should leave. */
function answerOf(bytes: number): Buffer {
  const known = answers.get(bytes)
  if (known !== undefined) return known
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${bytes}\r\n\r\n`
  const made = Buffer.concat([Buffer.from(head), payloadOf(bytes)])
  answers.set(bytes, made)
  return made
}
