import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Ingress, ListenAddress, ProtocolServer, Scope } from '@gatewright/kernel'
import { LineClient } from './line-client.ts'
import type { Options } from './options.ts'

/** Listens at the address of one entrypoint. It stays over reloads that do not change that. */
export class LineServer implements ProtocolServer<Options> {
  readonly #address: ListenAddress
  readonly #ingress: Ingress
  readonly #clients = new Set<LineClient>()
  #options: Options
  #scope: Scope
  #server: Server | undefined

  /** Opens nothing: a configuration that is only checked gets this far. */
  constructor(address: ListenAddress, options: Options, ingress: Ingress, scope: Scope) {
    this.#address = address
    this.#options = options
    this.#ingress = ingress
    this.#scope = scope
  }

  async listen(): Promise<{ readonly address: string; readonly port: number }> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket))
    server.listen(this.#address.port, this.#address.host)
    await once(server, 'listening')
    server.on('error', (error) => this.#scope.log.error({ err: error }, 'listener failed'))
    this.#server = server
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new Error('there is no address')
    return bound
  }

  /** For the clients that come from now on. */
  configure(options: Options, _entrypoint: string, scope: Scope): void {
    this.#options = options
    this.#scope = scope
  }

  async release(): Promise<void> {
    this.#server?.close()
    this.#server = undefined
  }

  async drain(signal: AbortSignal, idleMs: number): Promise<void> {
    await this.release()
    // Whoever had not seen the end coming may have sent a line.
    for (const client of this.#clients) client.leaveIfIdle(idleMs)
    const cutOff = (): void => {
      for (const client of this.#clients) client.cutOff()
    }
    signal.addEventListener('abort', cutOff)
    if (signal.aborted) cutOff()
    await Promise.all([...this.#clients].map(({ closed }) => closed))
    signal.removeEventListener('abort', cutOff)
  }

  #accept(socket: Socket): void {
    const client = new LineClient(socket, this.#scope.name, this.#options, this.#ingress)
    this.#clients.add(client)
    void client.closed.then(() => this.#clients.delete(client))
    client.serve().catch((error: unknown) => {
      this.#scope.log.error({ err: error }, 'client failed')
      client.cutOff()
    })
  }
}
