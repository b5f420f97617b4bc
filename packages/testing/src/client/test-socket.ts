import { CallLog } from '../fakes/call-log.ts'

/** Text, or bytes. */
export type WsMessage = string | Buffer

/** How a conversation ended. */
export interface WsEnd {
  /** 1006 if the connection was lost. */
  readonly code: number
  readonly reason: string
}

/** What the kit needs of a socket of the package `ws`. */
export interface WsLike {
  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown
  on(event: 'close', listener: (code: number, reason: Buffer) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  send(message: WsMessage): void
  close(code?: number, reason?: string): void
  terminate(): void
}

/** One end of a WebSocket; keeps what comes. */
export class TestSocket implements Disposable {
  /** Resolves when the conversation has ended. */
  readonly closed: Promise<WsEnd>
  readonly #socket: WsLike
  readonly #log = new CallLog<WsMessage>()
  #onMessage: ((message: WsMessage) => void) | undefined = undefined
  #taken = 0

  /** @internal */
  constructor(socket: WsLike) {
    this.#socket = socket
    const { promise, resolve } = Promise.withResolvers<WsEnd>()
    this.closed = promise
    socket.on('message', (data, isBinary) => {
      // Both ends ask for whole buffers.
      const bytes = data as Buffer
      const message = isBinary ? bytes : bytes.toString()
      this.#log.add(message)
      this.#onMessage?.(message)
    })
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    // The end tells enough.
    socket.on('error', () => undefined)
  }

  /** Everything that has come. */
  get messages(): readonly WsMessage[] {
    return this.#log.calls
  }

  /** @internal */
  onMessage(take: (message: WsMessage) => void): void {
    this.#onMessage = take
  }

  send(message: WsMessage): void {
    this.#socket.send(message)
  }

  /** The next message that was not asked for yet. Throws GW_TESTING_WAITED after 5 s. */
  async next(): Promise<WsMessage> {
    const count = ++this.#taken
    const got = await this.#log.waitFor(count)
    // There are so many.
    return got[count - 1] as WsMessage
  }

  /** What comes back next. */
  async ask(message: WsMessage): Promise<WsMessage> {
    this.send(message)
    return await this.next()
  }

  /** Ends the conversation in order. Resolves with how it ended. */
  async close(code: number = 1000, reason: string = ''): Promise<WsEnd> {
    this.#socket.close(code, reason)
    return await this.closed
  }

  /** The connection is gone at once. */
  [Symbol.dispose](): void {
    this.#socket.terminate()
  }
}
