import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** What a server does with one connection, from the first byte on. */
export type Script = (peer: ScriptedPeer) => Promise<unknown> | void

/** A server that reads and writes nothing by itself, so that it can go wrong anywhere. */
export class ScriptedServer implements AsyncDisposable {
  /** Of every connection, in the order in which they were accepted. */
  readonly peers: ScriptedPeer[] = []
  readonly #server: Server
  readonly #scripts: readonly Script[]

  /** @param scripts One for each connection; the last one repeats. */
  static async start(...scripts: readonly [Script, ...Script[]]): Promise<ScriptedServer> {
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    const scripted = new ScriptedServer(server, scripts)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return scripted
  }

  constructor(server: Server, scripts: readonly Script[]) {
    this.#server = server
    this.#scripts = scripts
    server.on('connection', (socket) => this.#accept(socket))
  }

  get url(): string {
    // Bound to a TCP port, so it has an AddressInfo.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Connections that are open. */
  get open(): number {
    return this.peers.filter(({ closed }) => !closed).length
  }

  /** Requests that have begun to arrive. */
  get requests(): number {
    return this.peers.reduce(
      (count, { received }) => count + received.split(' HTTP/1.').length - 1,
      0,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.peers) peer.reset()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(socket: Socket): void {
    const peer = new ScriptedPeer(socket)
    const script = this.#scripts[Math.min(this.peers.length, this.#scripts.length - 1)]
    this.peers.push(peer)
    // A peer that goes away leaves its script where it is.
    void script?.(peer)
  }
}

/** The server's end of one connection. */
export class ScriptedPeer {
  /** All that arrived, as latin1. */
  received = ''
  closed = false
  readonly #socket: Socket
  #waiting: (() => void)[] = []

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes) => {
      this.received += bytes.toString('latin1')
      this.#wake()
    })
    // The close that follows is what counts.
    socket.on('error', () => undefined)
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  /** Comes back when the text has arrived so many times. */
  async until(text: string, times: number = 1): Promise<void> {
    while (this.received.split(text).length <= times) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** Comes back when the connection is closed. */
  async gone(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Text is latin1. Comes back when it has left; false if it cannot any more. */
  async write(text: string): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#socket.write(text, 'latin1', (error) => resolve(error == null))
    return promise
  }

  /** Sends a FIN. */
  end(): void {
    this.#socket.end()
  }

  /** Sends an RST. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

/** Answers every request without a body with 200 and the text. */
export function answering(text: string): Script {
  return async (peer) => {
    const response = `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`
    let count = 0
    do await peer.until('\r\n\r\n', ++count)
    while (await peer.write(response))
  }
}
