/**
 * The contracts of the upstream side: endpoints, balancers, transports, services and their
 * features.
 *
 * @module
 */
import type { Duplex } from 'node:stream'
import type { Awaitable } from './awaitable.ts'
import type { ContextKey, Exchange, StreamContext } from './exchange.ts'
import type { GatewayError } from './gateway-error.ts'
import type { HeaderList } from './headers.ts'
import type { Around, Handler } from './middleware.ts'
import type { ProtocolFactory } from './protocol.ts'
import type { RequestContext } from './request-context.ts'
import type { GatewayResponse } from './response.ts'
import type { AnyOptions, OptionsSchema, ValueSchema } from './schema.ts'
import type { Scope } from './scope.ts'

/** One upstream server. The same object across reloads while its URL stays configured. */
export interface Endpoint {
  readonly url: URL
  /** Its part of the traffic next to others: what is configured, times {@link EndpointPool.setShare}. */
  readonly weight: number
  /** The weight without {@link EndpointPool.setShare}: never below {@link Endpoint.weight}. */
  readonly configuredWeight: number
  /** Exchanges in flight, kept by the kernel. */
  readonly active: number
  /** False while any health check objects. */
  readonly healthy: boolean
  /** True while as many exchanges are in flight as {@link EndpointPool.setLimit} allows. */
  readonly full: boolean
}

/** The endpoints of a service. Arrays are replaced, never changed, so they are safe to keep. */
export interface EndpointPool {
  readonly all: readonly Endpoint[]
  /** Healthy, not full, with a weight above 0. Rebuilt when that changes, not per exchange. */
  readonly available: readonly Endpoint[]
  /** @param checker Whose verdict it is; an endpoint is healthy while none objects. */
  setHealthy(endpoint: Endpoint, checker: string, healthy: boolean): void
  /**
   * How many exchanges may be in flight there at once; the least of all owners' limits counts.
   * @param owner Whose limit it is.
   * @param limit 0 keeps all away, even from strategies that pass over health; `undefined` lifts it.
   */
  setLimit(endpoint: Endpoint, owner: string, limit: number | undefined): void
  /**
   * Lowers its weight for a while, as for a server that has just come up. The shares of several
   * owners are multiplied.
   * @param owner Whose share it is.
   * @param share Above 0 and below 1; `undefined` or 1 lifts it.
   */
  setShare(endpoint: Endpoint, owner: string, share: number | undefined): void
  /**
   * Calls `fn` after endpoints have come, gone, or changed in what {@link EndpointPool.available}
   * goes by; now and then without such a change. It ends when it is disposed, or with the
   * configuration.
   */
  onChange(fn: () => void): Disposable
  /** Replaces the endpoints: discovery, autoscaling. */
  update(endpoints: readonly { readonly url: URL; readonly weight: number }[]): void
}

/** One try at sending an exchange to an endpoint. */
export interface Attempt {
  /** 0 for the first try. */
  readonly index: number
  /** Whose endpoint it is; after a failover not the one that the router names. */
  readonly service: Service
  readonly endpoint: Endpoint
  /**
   * Of this try only: a copy of the request's fields without hop-by-hop ones (RFC 9110 section
   * 7.6.1). Made when first asked for.
   */
  readonly headers: HeaderList
  /** The copy if anybody asked for it; else the request's own fields are sent. @internal */
  readonly touchedHeaders: HeaderList | undefined
  /** `performance.now()` */
  readonly startedAt: number
  /**
   * `performance.now()` when its response head had come, its connection stood, or it had failed. Set
   * before `hooks.upstreamEnd`, as what follows.
   */
  endedAt: number | undefined
  /** How long it waited for a connection, in milliseconds; 0 if one was there. Kept by transports. */
  waitedMs: number
  /** The part of that in which a connection was made for it, with its handshakes. */
  connectMs: number
  status: number | undefined
  error: GatewayError | undefined
  /**
   * Set by a feature in {@link ServiceFeature.onResponse} that bounds the time of the response body
   * itself: from then on the transport's own bounds for the body and for the whole do not count.
   */
  bodyIsTimed: boolean
  /**
   * What the response says in the dialect of its request, such as `UNAVAILABLE`. Set before
   * `hooks.upstreamEnd` if the head says it, else by {@link Attempt.conclude}.
   */
  code: string | undefined
  /**
   * The end of the response's body has said what the head did not. Called by dialects; takes effect
   * once, and not for an exchange that was aborted.
   */
  conclude(code: string): void
  /**
   * The response broke off after its head. Called by transports; takes effect once, and not for an
   * exchange that was aborted.
   */
  break(error: GatewayError): void
  /** Counts the attempt out of its endpoint. Takes effect once; the kernel calls it at the end. */
  release(): void
}

/** Learns from how attempts at the endpoints of a service end. Must be quick. Throwing is logged. */
export interface AttemptObserver {
  /**
   * An attempt got its response head, or its connection if it is a stream's, or failed, after
   * `hooks.upstreamEnd`. After a failover the
   * service whose endpoint it was is told.
   */
  attemptEnded?(exchange: Exchange, attempt: Attempt): void
  /** The response of an attempt broke off after its head; `attempt.error` says why. */
  attemptBroke?(exchange: Exchange, attempt: Attempt): void
  /** The body of a response has said in `attempt.code` what its head had not. */
  attemptConcluded?(exchange: Exchange, attempt: Attempt): void
}

/** Chooses an endpoint, once per attempt. Must not block. */
export interface Balancer extends AttemptObserver {
  /** `exchange.attempts` tells what was tried. `undefined` means that nothing can take it. */
  pick(pool: EndpointPool, exchange: Exchange): Endpoint | undefined
}

/** Makes a balancer out of `load_balancer { strategy = … }`. */
export interface BalancerFactory<O = AnyOptions> {
  /** Value of `strategy`. */
  readonly type: string
  /** Further keys of the `load_balancer` block. */
  readonly schema: OptionsSchema<O>
  create(options: O, scope: Scope): Balancer
}

/** Speaks one upstream protocol of requests and responses, for one service. */
export interface Transport {
  /**
   * Comes back when the response head has arrived. Rejects with a GatewayError; anything else is
   * taken for a fault of the gateway. May be called for an exchange that was aborted.
   */
  send(ctx: RequestContext, attempt: Attempt): Awaitable<GatewayResponse>
}

/** What a stream is passed on to, and for how long. */
export interface Tunnel {
  /** The connection to the endpoint. It belongs to whoever asked for it. */
  readonly socket: Duplex
  /** Without a byte in either direction, in milliseconds; 0 means without a bound. */
  readonly idleTimeoutMs: number
  /** The same once one side has sent its last byte. */
  readonly halfCloseTimeoutMs: number
  /** From here to its end; 0 means without a bound. */
  readonly totalTimeoutMs: number
  /** What it means that the socket broke, for logs; `undefined` for nothing in particular. */
  readonly lossBy?: (error: Error) => GatewayError | undefined
}

/** Connects streams to the endpoints of one service. */
export interface StreamTransport {
  /** Of the entrypoints whose streams it takes. Default `tcp`: connections, no datagrams. */
  readonly network?: ProtocolFactory['network']
  /** How many more endpoints a stream may try after one that cannot be reached. */
  readonly maxRetries: number
  /**
   * Comes back when the connection stands. Rejects with a GatewayError; anything else is taken for
   * a fault of the gateway. Should stop waiting when the exchange is aborted.
   */
  connect(ctx: StreamContext, attempt: Attempt): Awaitable<Tunnel>
}

/** Either kind; each serves routers of its own kind only. */
export type AnyTransport = Transport | StreamTransport

/** Makes the transport of one service. Connections belong into `scope.keep`. */
export interface TransportFactory<O = AnyOptions, T extends AnyTransport = Transport> {
  readonly type: string
  /** URL schemes of servers that this transport serves, without colon. */
  readonly schemes: readonly string[]
  /** Further keys of the `load_balancer` block. */
  readonly schema: OptionsSchema<O>
  create(options: O, service: Service, scope: Scope): Awaitable<T>
}

/** As the registry has it. */
export type AnyTransportFactory = TransportFactory<AnyOptions, AnyTransport>

/** A compiled `services` block. */
export interface Service {
  readonly name: string
  readonly pool: EndpointPool
  /**
   * Picks an endpoint, counts it and makes the attempt, for every protocol, failover included.
   * `undefined` if nothing can take the exchange. Counts earlier attempts out.
   */
  begin(exchange: Exchange): Attempt | undefined
  /** Sends an attempt of this service. */
  send(ctx: RequestContext, attempt: Attempt): Awaitable<GatewayResponse>
  /**
   * Begins attempts, at most one for each endpoint, until one of them has a connection. Observers
   * learn how each ended. Rejects with the GatewayError of the last.
   */
  connect(ctx: StreamContext): Promise<Tunnel>
  /** The features of the service around balancing and sending. */
  readonly handle: Handler
  /**
   * Balancing and sending without any feature, for what is no traffic of the service's own: copies
   * of requests. The hooks of attempts run.
   */
  readonly direct: Handler
  /**
   * What a part of this service has left for the others, such as how its servers are reached.
   * Transports are made before features.
   */
  get<T>(key: ContextKey<T>): T | undefined
  set<T>(key: ContextKey<T>, value: T): void
}

/** A nested block or key of a service: `sticky`, `health_check`, `mirror`, `failover`, … */
export interface ServiceFeature extends AttemptObserver {
  around?: Around['around']
  /** See {@link Around.patienceMs}. */
  readonly patienceMs?: number
  wrapBalancer?(inner: Balancer): Balancer
  /**
   * The response head of an attempt at an endpoint of this service has come, after a failover as
   * well, and nothing else has seen it. May change it, and put something around its body. Must be
   * quick. Throwing is logged.
   */
  onResponse?(ctx: RequestContext, attempt: Attempt, response: GatewayResponse): void
  /** Takes the place of {@link Service.begin}; `inner` is the service's own. */
  begin?(
    exchange: Exchange,
    inner: (exchange: Exchange) => Attempt | undefined,
  ): Attempt | undefined
}

/** Makes a service feature out of its block, or out of its key. */
export interface ServiceFeatureFactory<O = AnyOptions> {
  /** Name of the nested block or key. */
  readonly type: string
  /** The block in which it stands. */
  readonly parent: 'service' | 'load_balancer'
  /** Of the block, or of a single value, as in `slow_start = "30s"`. */
  readonly schema: OptionsSchema<O> | ValueSchema
  /** Place among the features of a service; lower is further out. */
  readonly stage: number
  /**
   * True if a service with this block may have no servers, since the feature answers by itself. Its
   * options are valid.
   */
  needsNoServers?(options: O): boolean
  create(options: O, service: Service, scope: Scope): Awaitable<ServiceFeature>
}

/** Returns its argument; gives `create` its types. */
export function defineBalancer<O>(factory: BalancerFactory<O>): BalancerFactory<O> {
  return factory
}

/** Returns its argument; gives `create` its types. */
export function defineTransport<O, T extends AnyTransport = Transport>(
  factory: TransportFactory<O, T>,
): TransportFactory<O, T> {
  return factory
}

/** Returns its argument; gives `create` its types. */
export function defineServiceFeature<O>(
  factory: ServiceFeatureFactory<O>,
): ServiceFeatureFactory<O> {
  return factory
}
