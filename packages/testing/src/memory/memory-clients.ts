import type { Duplex } from 'node:stream'
import {
  type Awaitable,
  type Body,
  type BodySource,
  type ClientCertificate,
  type Connection,
  GatewayRequest,
  type GatewayResponse,
  type HttpVersion,
  type Ingress,
  RequestContext,
  type RouteVerdict,
  type Snapshot,
} from '@gatewright/kernel'
import { errors } from '../errors.ts'
import type { FieldsInit } from '../wire/fields.ts'
import { collect } from './collect.ts'
import { headerListOf } from './header-list.ts'
import { type MemoryInterim, MemoryResponse } from './memory-message.ts'
import { ownScript, type Script, ScriptRun } from './memory-script.ts'
import { UpgradedClient } from './upgraded-client.ts'

/** A request into a gateway in memory. */
export interface SendInit {
  /** Default GET. */
  readonly method?: string | undefined
  /** Default 1.1. */
  readonly version?: HttpVersion | undefined
  /** Path and query. Default `/`. */
  readonly target?: string
  /** `host` is added unless given, and `content-length` for text and bytes. */
  readonly headers?: FieldsInit
  /** Default none. */
  readonly body?: Body | BodySource
  /** Default 127.0.0.1. */
  readonly remoteAddress?: string | undefined
  /** Whether the connection counts as TLS. Default false. */
  readonly encrypted?: boolean
  /** Server name that a client with TLS asked for. Default none. */
  readonly serverName?: string | undefined
  /** Protocol that a client with TLS agreed to. Default none. */
  readonly alpn?: string | undefined
  /** What a client with TLS has shown of itself. Default nothing. */
  readonly clientCertificate?: ClientCertificate | undefined
  /** Aborts the exchange as a client does that goes away. */
  readonly signal?: AbortSignal | undefined
  /** Called with each piece of the response body; what comes after it waits until this is done. */
  readonly onPiece?: ((piece: Buffer) => Awaitable<void>) | undefined
  /** What the upstream does with this request only. */
  readonly upstream?: Script
}

/** Takes a piece of a body. */
type OnPiece = NonNullable<SendInit['onPiece']>

/** A response whose head is there. */
export interface OpenResponse {
  readonly status: number
  /** Name, value, …; names in lower case. */
  readonly rawHeaders: readonly string[]
  /** Reads the rest, once; this ends the exchange. Must be called. */
  readonly read: (onPiece?: OnPiece) => Promise<MemoryResponse>
  /** Goes away, as a client that wants no more of it. */
  readonly abort: () => void
}

/**
 * What the protocol of an entrypoint does with a request before the gateway sees it.
 * @returns The address of its client, behind proxies that are trusted.
 */
export type Receive = (request: GatewayRequest, connection: Connection) => string

let connections = 0

/** Clients without sockets: their requests are handed to the gateway. */
export class MemoryClients {
  readonly #ingress: Ingress
  readonly #receive: Receive
  readonly #open = new Map<RequestContext, Promise<void>>()

  constructor(ingress: Ingress, receive: Receive = (_, { remoteAddress }) => remoteAddress) {
    this.#ingress = ingress
    this.#receive = receive
  }

  /** Gives up every exchange that is under way, as if the clients had gone. */
  abortAll(): void {
    for (const ctx of this.#open.keys()) this.#ingress.abort(ctx)
  }

  /** Waits for the exchanges that are under way, and gives them up when the signal says so. */
  async drain(signal: AbortSignal): Promise<void> {
    const abort = (): void => this.abortAll()
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    await Promise.all(this.#open.values())
    signal.removeEventListener('abort', abort)
  }

  /** Sends one request on a connection of its own. Throws GW_TESTING_REFUSED. */
  async send(entrypoint: string, init: SendInit): Promise<MemoryResponse> {
    const { read } = await this.open(entrypoint, init)
    return read(init.onPiece)
  }

  /** The same as far as the head of the response. */
  async open(entrypoint: string, init: SendInit): Promise<OpenResponse> {
    const deferred: (() => void)[] = []
    const defer = (fn: () => void): void => void deferred.push(fn)
    const { connection, request } = this.#arrival(entrypoint, init, defer)
    const end = (): void => {
      for (const fn of deferred.toReversed()) fn()
    }
    const refusal = this.#ingress.admit(connection) ?? this.#ingress.identify(connection)
    if (refusal !== undefined) {
      end()
      throw errors.GW_TESTING_REFUSED({ reason: refusal.reason })
    }
    const interim: MemoryInterim[] = []
    const ctx = this.#ingress.openRequest(connection, request, (status, headers) =>
      interim.push({ status, rawHeaders: [...headers].flat() }),
    )
    if (init.upstream !== undefined) ctx.set(ownScript, new ScriptRun(init.upstream))
    const ended = Promise.withResolvers<void>()
    this.#open.set(ctx, ended.promise)
    const abort = (): void => this.#ingress.abort(ctx)
    if (init.signal?.aborted === true) abort()
    init.signal?.addEventListener('abort', abort)
    const close = (): void => {
      init.signal?.removeEventListener('abort', abort)
      this.#open.delete(ctx)
      this.#ingress.close(ctx)
      end()
      ended.resolve()
    }
    return this.#answer(ctx, interim, close)
  }

  /** What each router would make of such a request. */
  explain(entrypoint: string, init: SendInit): readonly RouteVerdict[] {
    const { snapshot } = this.#ingress
    const { connection, request } = this.#arrival(entrypoint, init, () => undefined)
    return snapshot.explainRoute(new RequestContext(connection, snapshot, request))
  }

  #arrival(
    entrypoint: string,
    init: SendInit,
    defer: Connection['defer'],
  ): { readonly connection: Connection; readonly request: GatewayRequest } {
    const request = requestOf(init)
    const peer = memoryConnection(entrypoint, this.#ingress.snapshot, init, defer)
    const address = this.#receive(request, peer)
    return { connection: { ...peer, clientAddressOf: () => address }, request }
  }

  async #answer(
    ctx: RequestContext,
    interim: readonly MemoryInterim[],
    close: () => void,
  ): Promise<OpenResponse> {
    const response = await this.#ingress.handle(ctx)
    this.#ingress.establish(ctx)
    const { status, headers, error } = response
    const upgrade = response.upgrade && new UpgradedClient(response.upgrade)
    const rawHeaders = [...headers].flat()
    const read = async (onPiece?: OnPiece): Promise<MemoryResponse> => {
      const rest = await readBody(ctx, response, onPiece)
      if (upgrade === undefined) close()
      else followUpgrade(ctx, upgrade, close)
      return new MemoryResponse({ status, rawHeaders, ...rest, error, interim, upgrade, ctx })
    }
    return { status, rawHeaders, read, abort: () => this.#ingress.abort(ctx) }
  }
}

/** A connection that no socket carries. */
export function memoryConnection(
  entrypoint: string,
  snapshot: Snapshot,
  init: SendInit = {},
  defer: Connection['defer'] = () => undefined,
): Connection {
  const { remoteAddress = '127.0.0.1', encrypted = false, clientCertificate } = init
  return {
    id: ++connections,
    entrypoint,
    remoteAddress,
    remotePort: 40_000,
    localPort: encrypted ? 443 : 80,
    encrypted,
    serverName: init.serverName,
    alpn: init.alpn,
    ...(clientCertificate !== undefined && { clientCertificate }),
    snapshot,
    defer,
  }
}

/** The exchange lasts as long as the connection, which ends with an exchange that is aborted. */
function followUpgrade({ signal }: RequestContext, upgrade: Duplex, close: () => void): void {
  const abort = (): void => void upgrade.destroy()
  signal.addEventListener('abort', abort)
  upgrade.once('close', () => {
    signal.removeEventListener('abort', abort)
    close()
  })
  if (signal.aborted) abort()
}

interface ReadBody {
  readonly body: Buffer
  readonly rawTrailers: readonly string[]
  readonly bodyError: unknown
}

/** Reads as a client does; one whose exchange is aborted stops. */
async function readBody(
  ctx: RequestContext,
  response: GatewayResponse,
  onPiece: OnPiece | undefined,
): Promise<ReadBody> {
  const source = response.takeBody()
  const pieces: Buffer[] = []
  if (source === undefined) return { body: Buffer.alloc(0), rawTrailers: [], bodyError: undefined }
  const { signal } = ctx
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => {
    source.cancel(signal.reason)
    aborted.reject(signal.reason)
  }
  // An answer to an exchange that is over already is still read: it says why.
  if (!signal.aborted) signal.addEventListener('abort', abort)
  try {
    const collected = collect(source, (bytes) => {
      pieces.push(bytes)
      return onPiece?.(bytes)
    })
    const trailers = await Promise.race([collected, aborted.promise])
    const rawTrailers = [...(trailers ?? [])].flat()
    return { body: Buffer.concat(pieces), rawTrailers, bodyError: undefined }
  } catch (bodyError) {
    return { body: Buffer.concat(pieces), rawTrailers: [], bodyError }
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function requestOf(init: SendInit): GatewayRequest {
  const { version = '1.1', method = 'GET', target = '/', headers = {}, body = null } = init
  const fields = headerListOf(headers, body)
  if (!fields.has('host')) fields.append('host', 'localhost')
  const head = {
    version,
    method,
    target,
    authority: (fields.get('host') ?? '').toLowerCase(),
    headers: fields,
    upgrade: fields.get('upgrade')?.toLowerCase(),
  }
  return new GatewayRequest(head, body)
}
