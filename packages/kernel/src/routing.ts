/**
 * The contract of routing: routes, matchers, and the factory that compiles the rules.
 *
 * @module
 */
import type { Awaitable } from './awaitable.ts'
import type { Report } from './config.ts'
import type { Exchange, StreamContext } from './exchange.ts'
import type { Refusal } from './hooks.ts'
import type { Handler } from './middleware.ts'
import type { ProtocolFactory } from './protocol.ts'
import type { AnyOptions, OptionsSchema } from './schema.ts'

interface RouteBase {
  /** Label of the `routers` block. */
  readonly router: string
  readonly service: string
}

/** Where an HTTP exchange goes. */
export interface HttpRoute extends RouteBase {
  readonly kind: 'http'
  /** The compiled chain of the router, ending in its service. */
  readonly handle: Handler
}

/** Where a TCP connection, UDP flow or session goes. */
export interface StreamRoute extends RouteBase {
  readonly kind: 'stream'
  /** Address space of its entrypoints. One for UDP has its entrypoints for itself. */
  readonly network: ProtocolFactory['network']
  /** The `onConnection` filters of the router. */
  readonly enter: (ctx: StreamContext) => Awaitable<Refusal | undefined>
}

/** A compiled router. */
export type Route = HttpRoute | StreamRoute

/** A function of the rule language: `PathPrefix`, `HostSNI`, … */
export interface MatcherFactory {
  /** As written in a rule. */
  readonly type: string
  /** The kind of routers in whose rules it may stand. */
  readonly kind: Route['kind'] | 'any'
  readonly arity: readonly [min: number, max: number]
  /**
   * Called once per occurrence in a rule. The returned test answers at once, and must not allocate;
   * what is no boolean fails the exchange. Throw an error to refuse the arguments: its message
   * becomes part of the problem. One of a catalogue, with `{ option: [1] }`, points at the second
   * argument; other errors at the name of the matcher.
   */
  compile(args: readonly string[]): (exchange: Exchange) => boolean
  /**
   * True if the answer depends on what the client of a stream says first, such as the server name
   * of a TLS ClientHello. Without such a rule, nobody waits for that. Called after `compile`.
   */
  peeks?(args: readonly string[]): boolean
}

/** One router as the routing compiles it. */
export interface RouterEntry {
  readonly name: string
  readonly rule: string
  /** 0 means the length of the rule. */
  readonly priority: number
  /** Names of the entrypoints where it listens; never empty. */
  readonly entrypoints: readonly string[]
  readonly route: Route
}

/** What one router makes of an exchange. */
export interface RouteVerdict {
  readonly router: string
  readonly rule: string
  /** What it is sorted by: what it says, or what stands for 0. */
  readonly priority: number
  /** Whether it would take the exchange if no other one did before. */
  readonly matches: boolean
  /** Why it does not, in words. */
  readonly because?: string
}

/** Finds the route of an exchange. Called once per exchange; a thrown error answers it. */
export interface FindRoute {
  (exchange: Exchange): Route | undefined
  /** See {@link MatcherFactory.peeks}: true if any rule on the entrypoint does. */
  peeks?(entrypoint: string): boolean
  /**
   * What every router makes of an exchange, in the order in which they are asked: the first one that
   * matches takes it. For people who ask why; may throw as the look-up does.
   */
  explain?(exchange: Exchange): readonly RouteVerdict[]
}

/** Turns the routers of a configuration into one look-up. */
export interface RoutingFactory<O = AnyOptions> {
  readonly type: string
  /** Top-level keys of the configuration that belong to routing, such as `priority_order`. */
  readonly schema: OptionsSchema<O>
  /** Report each bad rule at `['routers', name, 'rule']`; the result is not used then. */
  build(routers: readonly RouterEntry[], options: O, report: Report): FindRoute
}

/** Returns its argument; gives `compile` its types. */
export function defineMatcher(factory: MatcherFactory): MatcherFactory {
  return factory
}
