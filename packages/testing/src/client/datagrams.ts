import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** A datagram that has come. */
export interface Datagram {
  readonly data: Buffer
  /** As UTF-8. */
  readonly text: string
  readonly from: RemoteInfo
}

/** One end of UDP on the loopback address. */
export class DatagramSocket implements Disposable {
  readonly #socket: Socket
  #closed = false

  /** @internal */
  constructor(socket: Socket, take: (datagram: Datagram) => void) {
    this.#socket = socket
    socket.on('message', (data, from) => {
      take({ data, text: data.toString(), from })
    })
    // A port that nobody listens at answers with an error, which is none of the test's.
    socket.on('error', () => undefined)
  }

  /** @param take Called with each datagram that comes. */
  static async open(take: (datagram: Datagram) => void): Promise<DatagramSocket> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new DatagramSocket(socket, take)
  }

  get port(): number {
    return this.#socket.address().port
  }

  send(data: string | Uint8Array, port: number): void {
    if (!this.#closed) this.#socket.send(data, port, '127.0.0.1')
  }

  [Symbol.dispose](): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.close()
  }
}
