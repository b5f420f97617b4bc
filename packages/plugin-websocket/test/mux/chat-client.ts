import { once } from 'node:events'
import { WebSocket } from 'ws'

/** How a connection was closed. */
export interface Closing {
  readonly code: number
  readonly reason: string
}

/** A client of a multiplexer, as programs have it. */
export class ChatClient implements Disposable {
  readonly socket: WebSocket
  readonly closed: Promise<Closing>
  readonly #messages: string[] = []
  #wake: () => void = () => undefined

  /** Connects, or throws what the server answered instead. */
  static async open(
    port: number,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ChatClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`, { headers })
    const client = new ChatClient(socket)
    await once(socket, 'open')
    return client
  }

  constructor(socket: WebSocket) {
    this.socket = socket
    const { promise, resolve } = Promise.withResolvers<Closing>()
    this.closed = promise
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      this.#messages.push(data.toString())
      this.#wake()
    })
  }

  /** Messages that came and were not asked for. */
  get waiting(): number {
    return this.#messages.length
  }

  say(...texts: string[]): void {
    for (const text of texts) this.socket.send(text)
  }

  /** The next message. */
  async next(): Promise<string> {
    for (;;) {
      const message = this.#messages.shift()
      if (message !== undefined) return message
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** So many messages. */
  async take(count: number): Promise<string[]> {
    const messages: string[] = []
    while (messages.length < count) messages.push(await this.next())
    return messages
  }

  /** What each text is answered, one after the other. */
  async ask(...texts: string[]): Promise<string[]> {
    const answers: string[] = []
    for (const text of texts) {
      this.say(text)
      answers.push(await this.next())
    }
    return answers
  }

  [Symbol.dispose](): void {
    this.socket.terminate()
  }
}

/**
 * A configuration with nothing but channels.
 * @param websocket Content of the `websocket` block.
 * @param service What else the service has.
 */
export function chatFile(websocket: string = 'mux = true', service: string = ''): string {
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "chat" {
      rule    = "PathPrefix(\`/\`)"
      service = "chat"
    }
    services "chat" {
      websocket {
        ${websocket}
      }
      ${service}
    }`
}
