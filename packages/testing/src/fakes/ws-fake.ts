import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TestSocket, type WsMessage } from '../client/test-socket.ts'
import { loadOptional } from '../optional-packages.ts'
import { CallLog } from './call-log.ts'
import type { FakeUpstream } from './fake-upstream.ts'
import { Listening, type Open } from './listening.ts'

/** A conversation that reached a fake. */
export class WsCall extends TestSocket {
  /** Path and query. */
  readonly target: string
  readonly headers: IncomingHttpHeaders

  /** @internal */
  constructor(
    socket: ConstructorParameters<typeof TestSocket>[0],
    target: string,
    headers: IncomingHttpHeaders,
  ) {
    super(socket)
    this.target = target
    this.headers = headers
  }
}

/** What a fake answers to a message: another one, or nothing. */
export type WsHandler = (message: WsMessage, call: WsCall) => WsMessage | undefined

/** A WebSocket server. Its calls are the conversations. Needs the package `ws`. */
export class WsFake implements FakeUpstream<WsCall> {
  readonly #log = new CallLog<WsCall>()
  readonly #handler: WsHandler
  readonly #listening = new Listening('http', () => this.#open())

  /** @internal */
  constructor(handler: WsHandler) {
    this.#handler = handler
  }

  get url(): string {
    return this.#listening.url
  }

  get port(): number {
    return this.#listening.port
  }

  get calls(): readonly WsCall[] {
    return this.#log.calls
  }

  waitForCalls(count: number): Promise<readonly WsCall[]> {
    return this.#log.waitFor(count)
  }

  /** Throws GW_TESTING_PACKAGE. */
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
    const { WebSocketServer } = await loadOptional<typeof import('ws')>('ws', 'fakeUpstream.ws')
    const server = createServer((_, response) => response.writeHead(426).end())
    const talker = new WebSocketServer({ server })
    talker.on('connection', (socket, { url = '/', headers }) => {
      const call = new WsCall(socket, url, headers)
      call.onMessage((message) => {
        const answer = this.#handler(message, call)
        if (answer !== undefined) call.send(answer)
      })
      this.#log.add(call)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // Bound to a TCP port, so it has an AddressInfo.
    const { port } = server.address() as AddressInfo
    const close = async (): Promise<void> => {
      for (const socket of talker.clients) socket.terminate()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
    return { port, close }
  }
}
