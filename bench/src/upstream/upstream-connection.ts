import { createPayload } from '../payload.ts'

const endOfHead = Buffer.from('\r\n\r\n')
const requestLine = /^(?:GET|POST) \/payload\/(\d+) HTTP\/1\.1\r\n/
const contentLength = /\r\ncontent-length: *(\d+)\r\n/i
const transferCoding = /\r\ntransfer-encoding:/i

/** Where the answers go. */
export interface Client {
  write(bytes: Buffer | string): unknown
  end(bytes: string): unknown
}

/** The server's side of one connection. */
export class UpstreamConnection {
  readonly #client: Client
  /** A head that has not come completely yet. */
  #pending: Buffer | undefined = undefined
  #answer: Buffer | string = ''
  #body: Buffer | undefined = undefined
  #at = 0
  #wrong = false

  constructor(client: Client) {
    this.#client = client
  }

  push(bytes: Buffer): void {
    let rest = this.#pending === undefined ? bytes : Buffer.concat([this.#pending, bytes])
    this.#pending = undefined
    while (rest.length > 0) {
      const taken = this.#body === undefined ? this.#takeHead(rest) : this.#takeBody(rest)
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
    const size = requestLine.exec(head)?.[1]
    if (size === undefined || transferCoding.test(head)) {
      this.#client.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
      return bytes.length
    }
    this.#answer = answerOf(Number(size))
    const bodyBytes = Number(contentLength.exec(head)?.[1] ?? 0)
    if (bodyBytes === 0) this.#client.write(this.#answer)
    else this.#body = payloadOf(bodyBytes)
    return end + endOfHead.length
  }

  #takeBody(bytes: Buffer): number {
    const body = this.#body
    if (body === undefined) return 0
    const length = Math.min(bytes.length, body.length - this.#at)
    const end = this.#at + length
    if (bytes.compare(body, this.#at, end, 0, length) !== 0) this.#wrong = true
    this.#at = end
    if (end === body.length) this.#finishBody()
    return length
  }

  #finishBody(): void {
    this.#client.write(
      this.#wrong
        ? 'HTTP/1.1 422 Unprocessable Content\r\nContent-Length: 0\r\n\r\n'
        : this.#answer,
    )
    this.#body = undefined
    this.#at = 0
    this.#wrong = false
  }
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
