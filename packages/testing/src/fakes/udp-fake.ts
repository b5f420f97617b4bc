import { type Datagram, DatagramSocket } from '../client/datagrams.ts'
import type { FakeUpstream } from './fake-upstream.ts'
import { Listening, type Open } from './listening.ts'

/** What a fake says to a datagram: nothing, one or several. */
export type UdpHandler = (
  datagram: Datagram,
) => string | Uint8Array | readonly (string | Uint8Array)[] | undefined

/** A UDP server. Its calls are the datagrams that came. */
export class UdpFake implements FakeUpstream<Datagram> {
  readonly #handler: UdpHandler
  #socket: DatagramSocket | undefined = undefined
  readonly #listening = new Listening('udp', () => this.#open())

  /** @internal */
  constructor(handler: UdpHandler) {
    this.#handler = handler
  }

  get url(): string {
    return this.#listening.url
  }

  get port(): number {
    return this.#listening.port
  }

  get calls(): readonly Datagram[] {
    return this.#socket?.log.calls ?? []
  }

  async waitForCalls(count: number): Promise<readonly Datagram[]> {
    return (await this.#socket?.log.waitFor(count)) ?? []
  }

  start(): Promise<void> {
    return this.#listening.start()
  }

  close(): Promise<void> {
    return this.#listening.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #open(): Promise<Open> {
    const socket = await DatagramSocket.open((datagram) => {
      for (const reply of listOf(this.#handler(datagram))) socket.send(reply, datagram.from.port)
    })
    this.#socket = socket
    return { port: socket.port, close: async () => socket[Symbol.dispose]() }
  }
}

function listOf(replies: ReturnType<UdpHandler>): readonly (string | Uint8Array)[] {
  if (replies === undefined) return []
  return typeof replies === 'string' || replies instanceof Uint8Array ? [replies] : replies
}
