/**
 * Entrypoints without sockets: a protocol whose clients are calls of the test.
 */
import { Duplex } from 'node:stream'
import type { Connection } from '../../src/connection.ts'
import { errors } from '../../src/errors.ts'
import type { Exchange, StreamContext } from '../../src/exchange.ts'
import type { GatewayError } from '../../src/gateway-error.ts'
import type { Refusal } from '../../src/hooks.ts'
import type { Ingress, ListenAddress, ProtocolFactory, ProtocolServer } from '../../src/protocol.ts'
import type { RequestContext } from '../../src/request-context.ts'
import type { GatewayResponse } from '../../src/response.ts'
import type { Scope } from '../../src/scope.ts'
import { readAll } from './bodies.ts'
import { fakeConnection, fakeRequest, type RequestInit } from './contexts.ts'

/** Options of the memory protocols. */
export interface MemoryOptions {
  greeting: string
  idle_timeout: number
}

/** What the client of an exchange got. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly response: GatewayResponse
}

/** All addresses of one test. */
export class MemoryNetwork {
  /** Every server that was ever made, in that order. */
  readonly servers: MemoryServer[] = []
  /** Addresses that refuse to be bound: `127.0.0.1:81` → error. */
  readonly refusing = new Map<string, Error>()
  /** Runs while an address is being bound. */
  onListen: ((server: MemoryServer) => void | Promise<void>) | undefined = undefined
  /** Runs when a server was made. */
  onMade: ((server: MemoryServer) => void) | undefined = undefined
  readonly #bound = new Map<string, MemoryServer>()
  #nextPort = 40_000

  /** The factory of `protocol = "http"`. */
  readonly http: ProtocolFactory<MemoryOptions> = this.#factory('http', 'http')
  /** The factory of `protocol = "tcp"`. */
  readonly tcp: ProtocolFactory<MemoryOptions> = this.#factory('tcp', 'stream')

  /** Who listens at an address, such as `127.0.0.1:80`. */
  at(address: string): MemoryServer {
    const server = this.#bound.get(address)
    if (server === undefined) throw new Error(`nobody listens at ${address}`)
    return server
  }

  get boundAddresses(): string[] {
    return [...this.#bound.keys()].toSorted()
  }

  async bind(server: MemoryServer, { host, port }: ListenAddress): Promise<string> {
    const key = `${host ?? '*'}:${port === 0 ? this.#nextPort++ : port}`
    await this.onListen?.(server)
    const refusal = this.refusing.get(key)
    if (refusal !== undefined) throw refusal
    if (this.#bound.has(key)) {
      throw Object.assign(new Error(`listen EADDRINUSE ${key}`), { code: 'EADDRINUSE' })
    }
    this.#bound.set(key, server)
    return key
  }

  unbind(key: string): void {
    this.#bound.delete(key)
  }

  #factory(type: string, kind: 'http' | 'stream'): ProtocolFactory<MemoryOptions> {
    return {
      type,
      kind,
      network: 'tcp',
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: {
          greeting: { type: 'string', default: 'hello', description: 'Says nothing.' },
          idle_timeout: { duration: true, default: '60s', description: 'Does nothing.' },
        },
      },
      create: (address, options, ingress, scope) => {
        const server = new MemoryServer(this, address, options, ingress, scope)
        this.servers.push(server)
        this.onMade?.(server)
        return server
      },
    }
  }
}

/** One listener. */
export class MemoryServer implements ProtocolServer<MemoryOptions> {
  readonly calls: string[] = []
  scope: Scope
  readonly ingress: Ingress
  entrypoint: string
  options: MemoryOptions
  readonly #network: MemoryNetwork
  readonly #address: ListenAddress
  #key: string | undefined = undefined
  readonly #open = new Set<Exchange>()
  #whenIdle: (() => void) | undefined = undefined

  constructor(
    network: MemoryNetwork,
    address: ListenAddress,
    options: MemoryOptions,
    ingress: Ingress,
    scope: Scope,
  ) {
    this.#network = network
    this.#address = address
    this.options = options
    this.ingress = ingress
    this.scope = scope
    this.entrypoint = scope.name
  }

  async listen(): Promise<{ readonly address: string; readonly port: number }> {
    this.calls.push('listen')
    this.#key = await this.#network.bind(this, this.#address)
    return { address: this.#address.host ?? '*', port: Number(this.#key.split(':').at(-1)) }
  }

  configure(options: MemoryOptions, entrypoint: string, scope: Scope): void {
    this.calls.push('configure')
    this.scope = scope
    this.options = options
    this.entrypoint = entrypoint
  }

  release(): Promise<void> {
    this.calls.push('release')
    this.#unbind()
    return Promise.resolve()
  }

  async drain(signal: AbortSignal): Promise<void> {
    this.calls.push('drain')
    this.#unbind()
    const cutOff = (): void => {
      for (const ctx of this.#open) this.ingress.abort(ctx, errors.GW_DRAINING())
    }
    if (signal.aborted) cutOff()
    signal.addEventListener('abort', cutOff)
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve))
  }

  /** A client connects. Throws the refusal if the gateway gives one. */
  connect(rest: Partial<Connection> = {}): Connection {
    const { ingress, entrypoint } = this
    const connection = fakeConnection(ingress.snapshot, { entrypoint, ...rest })
    const refusal = ingress.admit(connection)
    if (refusal !== undefined) throw new RefusedError(refusal)
    return connection
  }

  /** Sends a request head; the test decides when the exchange ends. */
  open(init: RequestInit = {}, connection: Connection = this.connect()): MemoryExchange {
    const { ingress } = this
    const exchange = this.#track(ingress.openRequest(connection, fakeRequest(init)))
    exchange.answer = Promise.resolve(ingress.handle(exchange.ctx))
    return exchange
  }

  /** Sends a request and reads the response to its end. */
  async send(init: RequestInit = {}, connection?: Connection): Promise<Reply> {
    return this.open(init, connection).read()
  }

  /** A client of a stream protocol connects and is led to a route. */
  openStream(connection: Connection = this.connect()): MemoryExchange<StreamContext> {
    const client = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
    const exchange = this.#track(this.ingress.openStream(connection, client))
    exchange.refusal = Promise.resolve(this.ingress.enter(exchange.ctx))
    return exchange
  }

  #track<C extends Exchange>(ctx: C): MemoryExchange<C> {
    const exchange = new MemoryExchange(ctx, () => this.#close(ctx))
    this.#open.add(ctx)
    ctx.signal.addEventListener('abort', () => exchange.finish())
    return exchange
  }

  #close(ctx: Exchange): void {
    if (!this.#open.delete(ctx)) return
    this.ingress.close(ctx)
    if (this.#open.size === 0) this.#whenIdle?.()
  }

  #unbind(): void {
    if (this.#key !== undefined) this.#network.unbind(this.#key)
    this.#key = undefined
  }
}

/** One exchange as its protocol sees it. */
export class MemoryExchange<C extends Exchange = RequestContext> {
  readonly ctx: C
  answer: Promise<GatewayResponse> = Promise.reject(new Error('not asked yet'))
  refusal: Promise<Refusal | undefined> = Promise.resolve(undefined)
  /** The exchange is over, complete or not. */
  readonly finish: () => void

  constructor(ctx: C, finish: () => void) {
    this.ctx = ctx
    this.finish = finish
    this.answer.catch(() => undefined)
  }

  /** Reads the response to its end, which ends the exchange. */
  async read(): Promise<Reply> {
    const response = await this.answer
    const { text } = await readAll(response.takeBody())
    this.finish()
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: text,
      response,
    }
  }
}

/** The gateway closed a connection. */
class RefusedError extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.reason)
    this.refusal = refusal
  }

  get error(): GatewayError | undefined {
    return this.refusal.error
  }
}

/** The refusal that an attempt to connect meets. */
export function refusalOf(connect: () => unknown): Refusal {
  try {
    connect()
  } catch (error) {
    if (error instanceof RefusedError) return error.refusal
    throw error
  }
  throw new Error('the connection was accepted')
}
