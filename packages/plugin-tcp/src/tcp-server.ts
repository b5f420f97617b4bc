import { createServer, type Server, type Socket } from 'node:net'
import { listenAt, OpenConnections, prepareSharedTls } from '@gatewright/http1'
import type { Ingress, ListenAddress, ProtocolServer, Scope } from '@gatewright/kernel'
import {
  type CertificateBoard,
  openServerTls,
  type ServerTls,
  type TlsScope,
} from '@gatewright/tls'
import { keepAliveMs } from './environment.ts'
import { prepareIo } from './io-choice.ts'
import type { TcpEntrypointOptions } from './options.ts'
import { TcpConnection } from './tcp-connection.ts'
import { TrustedProxies } from './trusted-proxies.ts'

/** What holds for the connections that are accepted from now on. */
export interface EntrypointSettings {
  readonly name: string
  readonly helloTimeoutMs: number
  /** `undefined` if nobody begins with a PROXY header. */
  readonly proxies: TrustedProxies | undefined
  /** Decrypts; without it, connections are passed on as they are. */
  readonly tls: ServerTls | undefined
}

/** The listener of one TCP entrypoint. */
export class TcpServer implements ProtocolServer<TcpEntrypointOptions> {
  readonly #address: ListenAddress
  readonly #ingress: Ingress
  readonly #board: CertificateBoard | undefined
  readonly #log: Scope['log']
  readonly #connections = new OpenConnections<TcpConnection>()
  #settings: EntrypointSettings
  #server: Server | undefined = undefined
  #draining = false

  constructor(
    address: ListenAddress,
    options: TcpEntrypointOptions,
    ingress: Ingress,
    scope: Pick<Scope, 'name'> & TlsScope,
    board?: CertificateBoard,
  ) {
    this.#board = board
    this.#address = address
    this.#ingress = ingress
    this.#log = scope.log
    this.#settings = settingsOf(options, scope.name, scope, board)
  }

  async listen(): Promise<{ readonly address: string; readonly port: number }> {
    await prepareIo(this.#ingress.snapshot, this.#log)
    if (this.#settings.tls !== undefined) await prepareSharedTls()
    // One side may have sent its last byte long before the other.
    const server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
    })
    const bound = await listenAt(server, this.#address, this.#log)
    this.#server = server
    server.on('connection', (socket) => this.#accept(socket))
    return bound
  }

  configure(options: TcpEntrypointOptions, entrypoint: string, scope: TlsScope): void {
    this.#settings = settingsOf(options, entrypoint, scope, this.#board)
  }

  async release(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    // The callback waits for open connections; the port is free at once.
    server?.close()
  }

  async drain(signal: AbortSignal): Promise<void> {
    await this.release()
    this.#draining = true
    for (const connection of this.#connections) connection.drain()
    await this.#connections.closed(signal)
  }

  #accept(socket: Socket): void {
    // The peer may be gone before it was accepted.
    if (socket.remoteAddress === undefined || this.#draining) {
      socket.on('error', ignore).destroy()
      return
    }
    const connection = new TcpConnection(socket, this.#settings, this.#ingress, this.#log, () =>
      this.#connections.delete(connection),
    )
    this.#connections.add(connection)
    connection.begin()
  }
}

/** Throws what is wrong with TLS. */
function settingsOf(
  options: TcpEntrypointOptions,
  name: string,
  scope: TlsScope,
  board: CertificateBoard | undefined,
): EntrypointSettings {
  const { hello_timeout: helloTimeoutMs, proxy_protocol: proxies, tls } = options
  return {
    name,
    helloTimeoutMs,
    proxies: proxies && new TrustedProxies(proxies),
    tls: tls && openServerTls(scope, tls, { board }),
  }
}

function ignore(): void {
  // The connection was refused; how it ends concerns nobody.
}
