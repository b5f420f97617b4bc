import { createServer, type Socket } from 'node:net'
import { RawClient } from '../client/raw-client.ts'
import { ListeningFake, listen, type Open } from './listening-fake.ts'

/** A connection that reached a fake. */
export class TcpCall extends RawClient {
  #received: Buffer[] = []

  /** @internal */
  constructor(socket: Socket) {
    super(socket)
    socket.on('data', (bytes: Buffer) => this.#received.push(bytes))
  }

  /** Everything that has come. */
  get received(): Buffer {
    return Buffer.concat(this.#received)
  }
}

/** What a fake does with a connection, which ends when it is done. */
export type TcpHandler = (call: TcpCall) => PromiseLike<void> | void

/** A TCP server. Its calls are the connections; each reads, writes, ends and resets. */
export class TcpFake extends ListeningFake<TcpCall> {
  readonly #handler: TcpHandler

  /** @internal */
  constructor(handler: TcpHandler) {
    super('tcp')
    this.#handler = handler
  }

  protected open(): Promise<Open> {
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    server.on('connection', (socket) => void this.#serve(new TcpCall(socket)))
    return listen(server, () => {
      for (const call of this.log.calls) call[Symbol.dispose]()
    })
  }

  async #serve(call: TcpCall): Promise<void> {
    this.log.add(call)
    try {
      await this.#handler(call)
      call.end()
    } catch {
      // As a server does that breaks down; what it waited for may have gone.
      call.reset()
    }
  }
}

/** Says everything back. */
export async function echoBytes(call: TcpCall): Promise<void> {
  for (let bytes = await call.readSome(); bytes.length > 0; bytes = await call.readSome()) {
    await call.send(bytes)
  }
}
