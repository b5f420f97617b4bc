import { chunked, type RawClient, Reply } from '@gatewright/testing'

/** A response that streams, whose pieces a test sends one by one. */
export class EventStream {
  readonly reply: Reply
  readonly #pieces: string[] = []
  #done = false
  #wake: () => void = () => undefined

  constructor(type: string = 'text/event-stream', headers: Readonly<Record<string, string>> = {}) {
    const fields = { 'Content-Type': type, ...headers }
    this.reply = chunked(200, fields, () => this.#take())
  }

  send(piece: string): void {
    this.#pieces.push(piece)
    this.#wake()
  }

  end(): void {
    this.#done = true
    this.#wake()
  }

  async *#take(): AsyncGenerator<string> {
    for (;;) {
      const piece = this.#pieces.shift()
      if (piece !== undefined) yield piece
      else if (this.#done) return
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
    }
  }
}

/** Sends a request for a stream, and comes back with the fields of its head, in lower case. */
export async function open(
  client: RawClient,
  fields: string = '',
): Promise<Readonly<Record<string, string>>> {
  await client.send(`GET /events HTTP/1.1\r\nHost: h\r\n${fields}\r\n`)
  const { rawHeaders } = await client.readHead()
  const pairs = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? '']] : [],
  )
  return Object.fromEntries(pairs)
}

/** The next chunk of a stream. */
export async function nextPiece(client: RawClient): Promise<string> {
  const size = Number.parseInt(await client.readUntil('\r\n'), 16)
  const piece = await client.readBytes(size)
  await client.readUntil('\r\n')
  return piece.toString()
}
