import { createServer, type IncomingHttpHeaders } from 'node:http'
import { TestSocket, type WsMessage } from '../client/test-socket.ts'
import { loadOptional } from '../optional-packages.ts'
import { ListeningFake, listen, type Open } from './listening-fake.ts'

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
export class WsFake extends ListeningFake<WsCall> {
  readonly #handler: WsHandler

  /** @internal */
  constructor(handler: WsHandler) {
    super('http')
    this.#handler = handler
  }

  /** Throws GW_TESTING_PACKAGE. */
  protected async open(): Promise<Open> {
    const { WebSocketServer } = await loadOptional<typeof import('ws')>('ws', 'fakeUpstream.ws')
    const server = createServer((_, response) => response.writeHead(426).end())
    const talker = new WebSocketServer({ server })
    talker.on('connection', (socket, { url = '/', headers }) => {
      const call = new WsCall(socket, url, headers)
      call.onMessage((message) => {
        const answer = this.#handler(message, call)
        if (answer !== undefined) call.send(answer)
      })
      this.log.add(call)
    })
    return await listen(server, () => {
      for (const socket of talker.clients) socket.terminate()
      server.closeAllConnections()
    })
  }
}
