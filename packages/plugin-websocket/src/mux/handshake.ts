import type { IncomingMessage } from 'node:http'
import { type Duplex, duplexPair } from 'node:stream'
import { type GatewayRequest, HeaderList } from '@gatewright/kernel'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'

/** How long a client may take to answer a close frame. */
const closeTimeoutMs = 2000

/** Both ends of a connection that speaks frames. */
export interface Accepted {
  readonly socket: WebSocket
  /** What the handshake is answered with. */
  readonly headers: HeaderList
  /** The client's bytes go in, and those for the client come out. */
  readonly stream: Duplex
}

/** Accepts handshakes (RFC 6455 section 4.2) that somebody else has read from the wire. */
export class Handshakes {
  readonly #server: WebSocketServer

  /** @param maxFrameBytes A larger message closes its connection with 1009. */
  constructor(maxFrameBytes: number) {
    // The types do not know closeTimeout yet.
    const options: ServerOptions & { closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: maxFrameBytes,
      closeTimeout: closeTimeoutMs,
      // Whoever offers a subprotocol is told that there is none.
      handleProtocols: () => false,
    }
    this.#server = new WebSocketServer(options)
  }

  /** `undefined` if the request is no handshake. */
  accept(request: GatewayRequest): Accepted | undefined {
    const [inner, outer] = duplexPair()
    let socket: WebSocket | undefined
    this.#server.handleUpgrade(messageOf(request), inner, Buffer.alloc(0), (accepted) => {
      socket = accepted
    })
    // It has written the head of its response, which comes in one piece.
    const head: unknown = outer.read()
    if (socket === undefined || !Buffer.isBuffer(head)) {
      inner.destroy()
      outer.destroy()
      return undefined
    }
    // The two do not close each other.
    outer.on('close', () => inner.destroy())
    inner.on('close', () => outer.destroy())
    return { socket, headers: fieldsOf(head.toString('latin1')), stream: outer }
  }
}

/** What the library looks at: method, fields, and nothing else. */
function messageOf({ method, headers }: GatewayRequest): IncomingMessage {
  const names = [
    'upgrade',
    'sec-websocket-key',
    'sec-websocket-version',
    'sec-websocket-protocol',
    'sec-websocket-extensions',
  ]
  const fields = Object.fromEntries(names.map((name) => [name, headers.get(name)]))
  // What the transports write is not among the fields of a request.
  const message = { method, headers: { ...fields, upgrade: 'websocket' }, url: '/' }
  // Documented as an http.IncomingMessage, of which it reads these.
  return message as unknown as IncomingMessage
}

function fieldsOf(head: string): HeaderList {
  const headers = new HeaderList()
  const [, ...lines] = head.split('\r\n')
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.append(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return headers
}
