import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { listenAt, prepareSharedTls } from '@gatewright/http1'
import type { ListenAddress, ProtocolServer, RunningGateway, Scope } from '@gatewright/kernel'
import { openServerTls, type ServerTls } from '@gatewright/tls'
import { Access } from './access.ts'
import { Desk, type DeskSettings } from './desk.ts'
import { loopLag } from './loop-lag.ts'
import type { ManagementOptions } from './options.ts'

/** Few enough not to be in the way of the entrypoints, and enough for probes beside people. */
const mostConnections = 32
/** Of them, those of addresses that may not ask: enough to tell them so. */
const mostStrangers = 8
const headTimeoutMs = 10_000
const requestTimeoutMs = 20_000
const idleTimeoutMs = 10_000
/** Longer than a reload is waited for. */
const silenceTimeoutMs = 40_000

/** The listener of a `management` block. It speaks for itself: nothing of it is an exchange. */
export class ManagementServer implements ProtocolServer<ManagementOptions> {
  readonly #address: ListenAddress
  readonly #log: Scope['log']
  readonly #desk: Desk
  readonly #ending = new AbortController()
  readonly #sockets = new Set<Socket>()
  #strangers = 0
  #tls: ServerTls | undefined
  #server: Server | undefined = undefined
  #onEmpty: (() => void) | undefined = undefined

  /** Throws GW_MANAGEMENT_… and GW_TLS_… */
  constructor(
    address: ListenAddress,
    options: ManagementOptions,
    running: RunningGateway,
    scope: Scope,
  ) {
    const { log } = scope
    this.#address = address
    this.#log = log
    this.#desk = new Desk(settingsOf(options), { running, log, ending: this.#ending.signal })
    this.#tls = tlsOf(options, scope)
    watchLag(scope)
  }

  async listen(): Promise<{ readonly address: string; readonly port: number }> {
    if (this.#tls !== undefined) await prepareSharedTls()
    const server = createServer(
      {
        headersTimeout: headTimeoutMs,
        requestTimeout: requestTimeoutMs,
        keepAliveTimeout: idleTimeoutMs,
        connectionsCheckingInterval: 1000,
        insecureHTTPParser: false,
      },
      (request, response) => void this.#desk.serve(request, response),
    )
    server.maxConnections = mostConnections
    server.timeout = silenceTimeoutMs
    // What it does with a connection comes after the handshake, if there is one.
    const [speak] = server.listeners('connection')
    server.removeAllListeners('connection')
    server.on('connection', (socket: Socket) =>
      this.#accept(socket, (ready) => speak?.call(server, ready)),
    )
    const bound = await listenAt(server, this.#address, this.#log)
    this.#server = server
    return bound
  }

  configure(options: ManagementOptions, _entrypoint: string, scope: Scope): void {
    this.#desk.settings = settingsOf(options)
    this.#tls = tlsOf(options, scope)
    watchLag(scope)
  }

  async release(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    // The callback waits for open connections; the port is free at once. Idle ones are closed.
    server?.close()
  }

  async drain(signal: AbortSignal): Promise<void> {
    this.#ending.abort()
    await this.release()
    const cutOff = (): void => {
      for (const socket of this.#sockets) socket.destroy()
    }
    signal.addEventListener('abort', cutOff)
    if (signal.aborted) cutOff()
    if (this.#sockets.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve))
    signal.removeEventListener('abort', cutOff)
  }

  #accept(socket: Socket, speak: (ready: Socket) => void): void {
    this.#sockets.add(socket)
    const isStranger = !this.#desk.settings.access.allowsAddress(socket.remoteAddress)
    if (isStranger) this.#strangers++
    socket.on('error', ignore).on('close', () => {
      this.#sockets.delete(socket)
      if (isStranger) this.#strangers--
      if (this.#sockets.size === 0) this.#onEmpty?.()
    })
    // Nobody may take the places of those who may ask.
    if (this.#strangers > mostStrangers) return void socket.destroy()
    const tls = this.#tls
    if (tls === undefined) return speak(socket)
    const handshake = tls.handshake(socket, {
      onSecured: (secured) => speak(secured.socket),
      onFailed: ({ problem }) => {
        tls.note(socket.remoteAddress ?? '', problem)
        socket.destroy()
      },
    })
    if (handshake === undefined) socket.destroy()
  }
}

function settingsOf(options: ManagementOptions): DeskSettings {
  return { access: new Access(options), prefix: options.path_prefix }
}

function tlsOf({ tls }: ManagementOptions, scope: Scope): ServerTls | undefined {
  return tls && openServerTls(scope, tls, { alpn: ['http/1.1'] })
}

/** For as long as the settings hold. */
function watchLag(scope: Scope): void {
  scope.onActivate(() => {
    const watch = loopLag.watch()
    scope.defer(() => watch[Symbol.dispose]())
  })
}

function ignore(): void {
  // A client that goes away concerns nobody.
}
