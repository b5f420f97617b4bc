import { type Datagram, DatagramSocket } from '../client/datagrams.ts'
import { ListeningFake, type Open } from './listening-fake.ts'

/** What a fake says to a datagram: nothing, one or several. */
export type UdpHandler = (
  datagram: Datagram,
) => string | Uint8Array | readonly (string | Uint8Array)[] | undefined

/** A UDP server. Its calls are the datagrams that came. */
export class UdpFake extends ListeningFake<Datagram> {
  readonly #handler: UdpHandler

  /** @internal */
  constructor(handler: UdpHandler) {
    super('udp')
    this.#handler = handler
  }

  protected async open(): Promise<Open> {
    const socket = await DatagramSocket.open((datagram) => {
      this.log.add(datagram)
      for (const reply of listOf(this.#handler(datagram))) socket.send(reply, datagram.from.port)
    })
    return { port: socket.port, close: async () => socket[Symbol.dispose]() }
  }
}

function listOf(replies: ReturnType<UdpHandler>): readonly (string | Uint8Array)[] {
  if (replies === undefined) return []
  return typeof replies === 'string' || replies instanceof Uint8Array ? [replies] : replies
}
