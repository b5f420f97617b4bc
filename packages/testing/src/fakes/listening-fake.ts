import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { CallLog } from './call-log.ts'
import type { FakeUpstream } from './fake-upstream.ts'

/** A server that listens on a port of the loopback address. */
export interface Open {
  readonly port: number
  readonly close: () => Promise<void>
}

/** A fake that listens from `start` to `close`, and keeps what it was asked. */
export abstract class ListeningFake<C> implements FakeUpstream<C> {
  protected readonly log: CallLog<C> = new CallLog()
  readonly #scheme: string
  #opened: Open | undefined = undefined

  /** @internal */
  constructor(scheme: string) {
    this.#scheme = scheme
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`
  }

  get port(): number {
    if (this.#opened !== undefined) return this.#opened.port
    throw new Error('the fake has not started; give it to createTestGateway, or await start()')
  }

  get calls(): readonly C[] {
    return this.log.calls
  }

  waitForCalls(count: number): Promise<readonly C[]> {
    return this.log.waitFor(count)
  }

  async start(): Promise<void> {
    this.#opened ??= await this.open()
  }

  async close(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    await opened?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Begins to listen. */
  protected abstract open(): Promise<Open>
}

/**
 * Has a server listen on a port of the system's choice.
 *
 * @param drop Ends what is connected, so that nothing keeps the server open.
 */
export async function listen(server: Server, drop: () => void): Promise<Open> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.close()
    drop()
    await once(server, 'close')
  }
  return { port, close }
}
