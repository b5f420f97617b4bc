import type { HttpVersion, MessageHead, RequestLine } from '../wire/head.ts'
import { ReceivedMessage } from '../wire/received-message.ts'
import type { Ending } from '../wire/socket-reader.ts'

/** A request exactly as it reached an upstream. */
export class UpstreamRequest extends ReceivedMessage {
  /** Number of the connection it came on; the first of an upstream is 1. */
  readonly connection: number
  readonly method: string
  /** As received, in whichever form. */
  readonly target: string
  readonly version: HttpVersion
  /** Exactly as received, with the empty line. */
  readonly rawHead: string
  readonly rawHeaders: readonly string[]
  /** True when the whole body has come, false if the connection ends before. Never rejects. */
  readonly completed: Promise<boolean>
  /** Resolves when the connection is no longer there. */
  readonly gone: Promise<Ending>
  #pieces: Buffer[] = []
  #trailers: readonly string[] = []
  #complete = false
  readonly #settle: (complete: boolean) => void

  constructor(connection: number, head: MessageHead, line: RequestLine, gone: Promise<Ending>) {
    super()
    this.connection = connection
    this.method = line.method
    this.target = line.target
    this.version = line.version
    this.rawHead = head.rawHead
    this.rawHeaders = head.rawHeaders
    this.gone = gone
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.completed = promise
    this.#settle = resolve
  }

  /** What has arrived of the body. */
  get body(): Buffer {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces)]
    return this.#pieces[0] ?? Buffer.alloc(0)
  }

  get rawTrailers(): readonly string[] {
    return this.#trailers
  }

  get complete(): boolean {
    return this.#complete
  }

  /** @internal */
  take(bytes: Buffer): void {
    this.#pieces.push(bytes)
  }

  /** @internal */
  finish(trailers: readonly string[]): void {
    this.#trailers = trailers
    this.#complete = true
    this.#settle(true)
  }

  /** The rest will not come; without effect on a complete request. @internal */
  abort(): void {
    this.#settle(false)
  }
}
