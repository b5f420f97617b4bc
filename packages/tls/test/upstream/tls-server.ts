import { once } from 'node:events'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'

/** A server that says what it knows about the handshake, as a line of JSON, and then echoes. */
export interface TlsServer extends AsyncDisposable {
  readonly port: number
  /** Handshakes that came to an end here. */
  readonly handshakes: Handshaken[]
}

/** What a server saw of a client. */
export interface Handshaken {
  readonly serverName: string | undefined
  readonly resumed: boolean
  readonly client: string | undefined
  readonly alpn: string | false | null
}

/** Starts it on a port of its own. */
export async function startTlsServer(options: TlsOptions): Promise<TlsServer> {
  const handshakes: Handshaken[] = []
  const server = createServer(options, (socket) => {
    const seen = handshakenOf(socket)
    handshakes.push(seen)
    socket.on('error', () => undefined)
    socket.write(`${JSON.stringify(seen)}\n`)
    socket.pipe(socket)
  })
  return { handshakes, ...(await listen(server)) }
}

/** Starts a server that does with TCP connections what it likes. */
export async function startTcpServer(
  onConnection: (socket: Socket) => void,
): Promise<Omit<TlsServer, 'handshakes'>> {
  return listen(createTcpServer((socket) => onConnection(socket.on('error', () => undefined))))
}

async function listen(server: Server): Promise<{ readonly port: number } & AsyncDisposable> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => open.add(socket))
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // It listens on TCP.
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) socket.destroy()
    await closed
  }
  return { port, [Symbol.asyncDispose]: stop }
}

function handshakenOf(socket: TLSSocket): Handshaken {
  const { servername } = socket as { servername?: string | false }
  return {
    serverName: typeof servername === 'string' ? servername : undefined,
    resumed: socket.isSessionReused(),
    client: socket.getPeerX509Certificate()?.subject,
    alpn: socket.alpnProtocol,
  }
}
