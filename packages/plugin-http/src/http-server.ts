import { createServer, type Server } from 'node:net'
import {
  type Accepted,
  defaultLimits,
  type Http1Limits,
  listenAt,
  OpenConnections,
  prepareSharedTls,
} from '@gatewright/http1'
import type { Ingress, ListenAddress, ProtocolServer, Scope } from '@gatewright/kernel'
import {
  type CertificateBoard,
  openServerTls,
  type ServerTls,
  type TlsScope,
} from '@gatewright/tls'
import { offeredAlpn } from './alpn.ts'
import type { HttpEntrypointOptions } from './entrypoint-options.ts'
import { io } from './environment.ts'
import { HttpConnection } from './http-connection.ts'
import { prepareIo } from './io-choice.ts'
import { Load } from './load.ts'
import { loopDelay } from './loop-delay.ts'
import { TrustedPeers } from './trusted-peers.ts'

/** What holds for HTTP/2. */
export interface Http2EntrypointSettings {
  /** Whether it is served to clients that begin with it in cleartext. */
  readonly cleartext: boolean
  readonly maxConcurrentStreams: number
  readonly maxHeaderListBytes: number
  /** Within ten seconds, as the next two; 0 means any number. */
  readonly maxResets: number
  readonly maxSettings: number
  readonly maxPings: number
}

/** What holds for the connections that are accepted from now on. */
export interface EntrypointSettings {
  readonly name: string
  readonly limits: Http1Limits
  readonly http2: Http2EntrypointSettings
  readonly maxRequests: number
  readonly trusted: TrustedPeers
  /** Of all connections of the entrypoint. */
  readonly load: Load
  /** Without it, clients speak cleartext. */
  readonly tls: ServerTls | undefined
}

/** What a server needs of its scope. */
type ServerScope = Pick<Scope, 'name' | 'share'> & TlsScope

/** The listener of one HTTP entrypoint. */
export class HttpServer implements ProtocolServer<HttpEntrypointOptions> {
  readonly #address: ListenAddress
  readonly #ingress: Ingress
  readonly #board: CertificateBoard | undefined
  readonly #log: Scope['log']
  readonly #connections = new OpenConnections<HttpConnection>()
  readonly #load: Load
  #settings: EntrypointSettings
  #server: Server | undefined = undefined
  #draining = false

  constructor(
    address: ListenAddress,
    options: HttpEntrypointOptions,
    ingress: Ingress,
    scope: ServerScope,
    board?: CertificateBoard,
  ) {
    this.#board = board
    const { name, log, share } = scope
    this.#address = address
    this.#ingress = ingress
    this.#log = log
    this.#load = new Load(options.overload, share, log)
    this.#settings = settingsOf(options, name, this.#load, scope, board)
  }

  async listen(): Promise<{ readonly address: string; readonly port: number }> {
    await prepareIo(this.#ingress.snapshot.config['io'], this.#log)
    if (this.#settings.tls !== undefined) await prepareSharedTls()
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: false })
    const bound = await listenAt(server, this.#address, this.#log)
    this.#server = server
    io.accept(server, (accepted) => this.#accept(accepted))
    loopDelay.watch(this.#load)
    return bound
  }

  configure(options: HttpEntrypointOptions, entrypoint: string, scope: TlsScope): void {
    this.#load.configure(options.overload)
    this.#settings = settingsOf(options, entrypoint, this.#load, scope, this.#board)
  }

  async release(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    loopDelay.unwatch(this.#load)
    this.#load.calm()
    // The callback waits for open connections; the port is free at once.
    server.close()
  }

  async drain(signal: AbortSignal, idleMs: number = 0): Promise<void> {
    await this.release()
    this.#draining = true
    for (const connection of this.#connections) connection.drain(idleMs)
    await this.#connections.closed(signal)
  }

  #accept(accepted: Accepted): void {
    // The peer may be gone before it was accepted.
    if (accepted.remoteAddress === undefined || this.#draining) {
      accepted.socket().on('error', ignore).destroy()
      return
    }
    const log = this.#log
    const onClosed = (): void => this.#connections.delete(connection)
    const connection = new HttpConnection(accepted, this.#settings, this.#ingress, log, onClosed)
    this.#connections.add(connection)
    connection.begin()
  }
}

/** Throws what is wrong with TLS. */
function settingsOf(
  options: HttpEntrypointOptions,
  name: string,
  load: Load,
  scope: TlsScope,
  board: CertificateBoard | undefined,
): EntrypointSettings {
  const { http, forwarded_headers: forwarded, tls } = options
  return {
    name,
    limits: {
      ...defaultLimits,
      requestHeadBytes: http.max_header_bytes,
      headerCount: http.max_headers,
      targetBytes: http.max_target_bytes,
      headerTimeoutMs: http.header_timeout,
      uploadIdleMs: http.upload_idle_timeout,
      writeStallMs: http.write_timeout,
      keepAliveMs: http.keep_alive_timeout,
      minUploadRate: http.min_upload_rate,
      minDownloadRate: http.min_download_rate,
      minRateGraceMs: http.min_rate_grace,
    },
    http2: {
      cleartext: http.h2c,
      maxConcurrentStreams: http.max_concurrent_streams,
      maxHeaderListBytes: http.max_header_list_bytes,
      maxResets: http.max_resets,
      maxSettings: http.max_settings,
      maxPings: http.max_pings,
    },
    maxRequests: http.max_requests_per_connection,
    trusted: new TrustedPeers(forwarded.trusted_ips, forwarded.insecure),
    load,
    tls: tls && openServerTls(scope, tls, { alpn: offeredAlpn(options), board }),
  }
}

function ignore(): void {
  // The connection was refused; how it ends concerns nobody.
}
