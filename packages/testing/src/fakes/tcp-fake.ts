import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { RawClient } from '../client/raw-client.ts'
import { CallLog } from './call-log.ts'
import type { FakeUpstream } from './fake-upstream.ts'
import { Listening, type Open } from './listening.ts'

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
export class TcpFake implements FakeUpstream<TcpCall> {
  readonly #log = new CallLog<TcpCall>()
  readonly #handler: TcpHandler
  readonly #listening = new Listening('tcp', () => this.#open())

  /** @internal */
  constructor(handler: TcpHandler) {
    this.#handler = handler
  }

  get url(): string {
    return this.#listening.url
  }

  get port(): number {
    return this.#listening.port
  }

  get calls(): readonly TcpCall[] {
    return this.#log.calls
  }

  waitForCalls(count: number): Promise<readonly TcpCall[]> {
    return this.#log.waitFor(count)
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
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    server.on('connection', (socket) => void this.#serve(new TcpCall(socket)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // Bound to a TCP port, so it has an AddressInfo.
    const { port } = server.address() as AddressInfo
    const close = async (): Promise<void> => {
      server.close()
      for (const call of this.#log.calls) call[Symbol.dispose]()
      await once(server, 'close')
    }
    return { port, close }
  }

  async #serve(call: TcpCall): Promise<void> {
    this.#log.add(call)
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
