import { once } from 'node:events'
import { WebSocket } from 'ws'

/** One end of a WebSocket. What it hears waits until somebody asks. */
export class Conversation implements Disposable {
  readonly opened: Promise<unknown>
  readonly #socket: WebSocket
  readonly #heard: string[] = []
  #ended: string | undefined = undefined
  #wake: () => void = () => undefined

  constructor(url: string) {
    const socket = new WebSocket(url)
    this.#socket = socket
    this.opened = once(socket, 'open')
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      this.#heard.push(data.toString())
      this.#wake()
    })
    socket.on('close', (code) => {
      this.#ended = `closed with ${code}`
      this.#wake()
    })
  }

  say(text: string): void {
    this.#socket.send(text)
  }

  /** The next message. Rejects if the other side has closed. */
  async next(): Promise<string> {
    for (;;) {
      const text = this.#heard.shift()
      if (text !== undefined) return text
      if (this.#ended !== undefined) throw new Error(this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Says goodbye, and hears it. */
  async close(): Promise<void> {
    this.#socket.close(1000)
    await once(this.#socket, 'close')
  }

  [Symbol.dispose](): void {
    this.#socket.terminate()
  }
}
