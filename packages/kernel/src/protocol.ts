/**
 * The contract of protocols: servers, entrypoint features, and the kernel as they see it.
 *
 * @module
 */
import type { Duplex } from 'node:stream'
import type { Awaitable } from './awaitable.ts'
import type { Connection } from './connection.ts'
import type { Exchange, StreamContext } from './exchange.ts'
import type { GatewayError } from './gateway-error.ts'
import type { Refusal } from './hooks.ts'
import type { GatewayRequest } from './request.ts'
import type { Inform, RequestContext } from './request-context.ts'
import type { GatewayResponse } from './response.ts'
import type { Route } from './routing.ts'
import type { AnyOptions, OptionsSchema } from './schema.ts'
import type { Scope } from './scope.ts'
import type { Snapshot } from './snapshot.ts'

/** What becomes of a request that is not routed. */
export interface Refused {
  readonly ctx: RequestContext
  readonly response: GatewayResponse
}

/** The kernel as a protocol server sees it. */
export interface Ingress {
  /** The configuration that new connections and exchanges get. */
  readonly snapshot: Snapshot
  /** True once the gateway drains: responses should close their connection. */
  readonly draining: boolean
  /** Runs the entrypoint's features and `hooks.connection`. Close if a refusal comes back. */
  admit(connection: Connection): Refusal | undefined
  /**
   * PROXY header, server name and ALPN are known now; features look again. What is only passed on
   * without being decrypted is looked at before the client has said anything.
   */
  identify(connection: Connection): Refusal | undefined
  /** Tells that the protocol itself refuses a connection, such as for its first bytes. */
  refused(connection: Connection, refusal: Refusal): void
  /** Begins an exchange on the active snapshot. Pair each with {@link Ingress.close}. */
  openRequest(connection: Connection, request: GatewayRequest, inform?: Inform): RequestContext
  /**
   * Begins the exchange of a request that is not even routed, such as one too many, and gives the
   * answer in words that its client understands. {@link Ingress.close} ends it.
   */
  refuse(connection: Connection, request: GatewayRequest, error: GatewayError): Refused
  openStream(connection: Connection, client: Duplex): StreamContext
  /**
   * True if somebody knows the protocol of that Upgrade token, in lower case (RFC 9110 section
   * 7.8). A request with any other token is served as if it had none.
   */
  knowsUpgrade(token: string): boolean
  /**
   * `request`, check of an upgrade, `route`, router chain, `response`. Never rejects. The `upgrade`
   * of a response is to be connected to the client, or destroyed.
   */
  handle(ctx: RequestContext): Awaitable<GatewayResponse>
  /** `route` and the `onConnection` filters. Then `connect` on the service of `ctx.route`. */
  enter(ctx: StreamContext): Awaitable<Refusal | undefined>
  /** The tunnel of a stream stands; HTTP exchanges are established when `handle` is done. */
  establish(exchange: Exchange): void
  /** The client went away or the protocol gives up. Default GW_CLIENT_ABORTED. */
  abort(exchange: Exchange, error?: GatewayError): void
  /** `finish`, deferred work, release of the snapshot. */
  close(exchange: Exchange): void
}

/** A listener. Kept across reloads while protocol and address of its block stay the same. */
export interface ProtocolServer<O = AnyOptions> {
  /**
   * Binds the address. Called again after {@link ProtocolServer.release}. Reject with the error of
   * the operating system; the kernel names the entrypoint.
   */
  listen(): Promise<{ readonly address: string; readonly port: number }>
  /**
   * Other options, or another name, at the same address: for connections accepted from now on.
   * Must not throw. The scope is one with which `create` was tried with the same options, and takes
   * the place of the one before, whose kept resources it has taken over if it asked for them.
   */
  configure(options: O, entrypoint: string, scope: Scope): void
  /** Stops listening and leaves the open connections alone. */
  release(): Promise<void>
  /**
   * Stops listening, closes idle connections, lets each of the others end its exchange; comes back
   * when the last one has ended. When `signal` aborts, the rest is cut off.
   *
   * Idle connections get `idleMs` for a last request: a client that had not seen the end of its
   * connection when it sent one would get no answer.
   */
  drain(signal: AbortSignal, idleMs: number): Promise<void>
}

/** Makes a listener out of an `entrypoints` block. */
export interface ProtocolFactory<O = AnyOptions> {
  /** Value of `protocol`: `http`, `tcp`, `udp`, `nntp`. */
  readonly type: string
  /** Which routers may listen there. */
  readonly kind: Route['kind']
  /** Address spaces it occupies, for conflicts between entrypoints. */
  readonly network: 'tcp' | 'udp'
  /** The keys `address` and `protocol` belong to the kernel. */
  readonly schema: OptionsSchema<O>
  /**
   * Called for `validate` too, and for other options at an address that listens already, to see
   * that they can be used: opens nothing. The scope lives over reloads, until the server is
   * configured with another one or gone; its `service` finds those of the active configuration.
   */
  create(address: ListenAddress, options: O, ingress: Ingress, scope: Scope): ProtocolServer<O>
}

/** A parsed `address`. */
export interface ListenAddress {
  /** `undefined` means all addresses. */
  readonly host: string | undefined
  /** 0 lets the system choose. */
  readonly port: number
}

/** Looks at the connections of an entrypoint whose block has the feature's keys. */
export interface EntrypointFeature {
  /** A connection was accepted; nothing has been read from it. */
  onAccept?(connection: Connection): Refusal | undefined
  /** PROXY header, server name and ALPN are known. */
  onIdentified?(connection: Connection): Refusal | undefined
}

/** Owns some keys of the `entrypoints` block, such as `max_connections`. */
export interface EntrypointFeatureFactory<O = AnyOptions> {
  readonly type: string
  /** Values of `protocol` it works with; `undefined` means all. */
  readonly protocols?: readonly string[]
  readonly schema: OptionsSchema<O>
  /** Called if at least one of its keys is set. */
  create(options: O, scope: Scope): EntrypointFeature
}

/** Returns its argument; gives `create` its types. */
export function defineProtocol<O>(factory: ProtocolFactory<O>): ProtocolFactory<O> {
  return factory
}

/** Returns its argument; gives `create` its types. */
export function defineEntrypointFeature<O>(
  factory: EntrypointFeatureFactory<O>,
): EntrypointFeatureFactory<O> {
  return factory
}
