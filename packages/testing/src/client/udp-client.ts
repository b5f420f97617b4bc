import { CallLog } from '../fakes/call-log.ts'
import { type Datagram, DatagramSocket } from './datagrams.ts'

/** A client of UDP, in front of an entrypoint. */
export class UdpClient implements Disposable {
  readonly #socket: DatagramSocket
  readonly #received: CallLog<Datagram>
  readonly #to: number
  #taken = 0

  /** @internal */
  constructor(socket: DatagramSocket, received: CallLog<Datagram>, to: number) {
    this.#socket = socket
    this.#received = received
    this.#to = to
  }

  /** @param to The port of the entrypoint. */
  static async open(to: number): Promise<UdpClient> {
    const received = new CallLog<Datagram>()
    const socket = await DatagramSocket.open((datagram) => received.add(datagram))
    return new UdpClient(socket, received, to)
  }

  get port(): number {
    return this.#socket.port
  }

  send(data: string | Uint8Array): void {
    this.#socket.send(data, this.#to)
  }

  /** The next datagram that was not asked for yet. Throws GW_TESTING_WAITED after 5 s. */
  async next(): Promise<Datagram> {
    const count = ++this.#taken
    const got = await this.#received.waitFor(count)
    // There are so many.
    return got[count - 1] as Datagram
  }

  /** What comes back next, as text. */
  async ask(data: string | Uint8Array): Promise<string> {
    this.send(data)
    return (await this.next()).text
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]()
  }
}
