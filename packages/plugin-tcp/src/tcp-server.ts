import { createServer, type Server, type Socket } from 'node:net'
import { listenAt, OpenConnections } from '@gatewright/http1'
import type { Ingress, ListenAddress, ProtocolServer, Scope } from '@gatewright/kernel'
import { keepAlive } from './environment.ts'
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
}

/** The listener of one TCP entrypoint. */
export class TcpServer implements ProtocolServer<TcpEntrypointOptions> {
  readonly #address: ListenAddress
  readonly #ingress: Ingress
  readonly #log: Scope['log']
  readonly #connections = new OpenConnections<TcpConnection>()
  #settings: EntrypointSettings
  #server: Server | undefined = undefined
  #draining = false

  constructor(
    address: ListenAddress,
    options: TcpEntrypointOptions,
    ingress: Ingress,
    { name, log }: Pick<Scope, 'name' | 'log'>,
  ) {
    this.#address = address
    this.#ingress = ingress
    this.#log = log
    this.#settings = settingsOf(options, name)
  }

  async listen(): Promise<{ readonly address: string; readonly port: number }> {
    await prepareIo(this.#ingress.snapshot, this.#log)
    // One side may have sent its last byte long before the other.
    const server = createServer({ allowHalfOpen: true, noDelay: true, ...keepAlive })
    const bound = await listenAt(server, this.#address, this.#log)
    this.#server = server
    server.on('connection', (socket) => this.#accept(socket))
    return bound
  }

  configure(options: TcpEntrypointOptions, entrypoint: string): void {
    this.#settings = settingsOf(options, entrypoint)
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

function settingsOf(options: TcpEntrypointOptions, name: string): EntrypointSettings {
  const { hello_timeout: helloTimeoutMs, proxy_protocol: proxies } = options
  return { name, helloTimeoutMs, proxies: proxies && new TrustedProxies(proxies) }
}

function ignore(): void {
  // The connection was refused; how it ends concerns nobody.
}
