import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { CallLog } from '../fakes/call-log.ts'

/** A datagram that has come. */
export interface Datagram {
  readonly data: Buffer
  /** As UTF-8. */
  readonly text: string
  readonly from: RemoteInfo
}

/** One end of UDP on the loopback address; keeps what comes. */
export class DatagramSocket implements Disposable {
  readonly log: CallLog<Datagram> = new CallLog()
  readonly #socket: Socket
  #closed = false

  /** @internal */
  constructor(socket: Socket, take: (datagram: Datagram) => void) {
    this.#socket = socket
    socket.on('message', (data, from) => {
      const datagram = { data, text: data.toString(), from }
      this.log.add(datagram)
      take(datagram)
    })
    // A port that nobody listens at answers with an error, which is none of the test's.
    socket.on('error', () => undefined)
  }

  /** @param take Called with each datagram that comes. */
  static async open(take: (datagram: Datagram) => void = () => undefined): Promise<DatagramSocket> {
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
