/**
 * The hooks of a gateway. A plugin taps them in `setup` and the taps stay for the life of the
 * process; configuration reaches them through `exchange.snapshot`.
 *
 * @module
 */
import {
  AsyncParallelHook,
  AsyncSeriesBailHook,
  AsyncSeriesHook,
  AsyncSeriesWaterfallHook,
  SyncBailHook,
  SyncHook,
} from 'tapable'
import type { GatewayConfigInput } from './config.ts'
import type { Connection } from './connection.ts'
import type { Exchange } from './exchange.ts'
import type { GatewayError } from './gateway-error.ts'
import type { RequestContext } from './request-context.ts'
import type { GatewayResponse } from './response.ts'
import type { Route } from './routing.ts'
import type { Attempt } from './service.ts'
import type { Snapshot } from './snapshot.ts'

/** Why a connection is closed before anything is read from it. */
export interface Refusal {
  readonly reason: string
  /** The same from a closed set, for who counts: `GW_TCP_FILTER_FULL`. Default that of the error. */
  readonly code?: string
  /** True resets the connection; false, the default, closes it in order. */
  readonly reset?: boolean
  /** Set when something failed. */
  readonly error?: GatewayError
  /** What the client is told, if its protocol has a way; otherwise it is told nothing. */
  readonly answer?: GatewayError
}

/** For `tap({ name, stage }, fn)`. Lower runs earlier; equal stages run in tap order. */
export const Stage = { first: -1000, early: -100, normal: 0, late: 100, last: 1000 } as const

/**
 * What every plugin may tap. In a hook that takes an answer, "no opinion" is `undefined`.
 *
 * Every tap is guarded: what it throws or rejects with costs the exchange at hand and nothing
 * else, and an `async` function given to `tap` is awaited where the hook can wait. A hook whose
 * taps all finish at once costs no promise.
 */
export interface GatewayHooks {
  /**
   * Changes the merged configuration before it is validated; return the changed one. It is what was
   * written, and not checked yet: a block that may be repeated, such as `load_balancer`, is a list
   * in what comes from a file. Called again, from the start, if a plugin with such a tap only came
   * with this configuration. If a tap throws, the configuration is refused.
   */
  readonly config: AsyncSeriesWaterfallHook<[config: GatewayConfigInput]>
  /** `next` serves new exchanges from now on; `previous` keeps the ones it has. */
  readonly activate: SyncHook<[next: Snapshot, previous: Snapshot | undefined]>
  /** A configuration was refused; what runs goes on. Throwing is logged. */
  readonly configRefusal: SyncHook<[error: GatewayError]>
  /** Nothing needs the snapshot any more: its exchanges have ended or were passed on. */
  readonly retire: AsyncParallelHook<[snapshot: Snapshot]>
  /** The gateway has drained and stops. */
  readonly close: AsyncSeriesHook<[]>

  /**
   * A socket was accepted or a UDP flow began. Returning a refusal closes it, and so does
   * throwing. Cannot wait.
   */
  readonly connection: SyncBailHook<[connection: Connection], Refusal | undefined>
  /**
   * A connection was refused, by whatever: a feature of its entrypoint, a tap, its protocol. Throwing
   * is logged.
   */
  readonly refusal: SyncHook<[connection: Connection, refusal: Refusal]>
  /** A request head was read. Returning a response answers it without routing. */
  readonly request: AsyncSeriesBailHook<[ctx: RequestContext], GatewayResponse | undefined>
  /** Chooses the route; the rules of the routers are tried at `Stage.normal`. Cannot wait. */
  readonly route: SyncBailHook<[exchange: Exchange], Route | undefined>
  /** An attempt is about to be sent. Runs again for every retry. Throwing fails the attempt. */
  readonly upstream: AsyncSeriesHook<[exchange: Exchange, attempt: Attempt]>
  /** The attempt got its response head or failed. Throwing is logged. */
  readonly upstreamEnd: SyncHook<[exchange: Exchange, attempt: Attempt]>
  /** The response head is final but not sent. Throwing replaces the response by an error. */
  readonly response: AsyncSeriesHook<[ctx: RequestContext, response: GatewayResponse]>
  /** The exchange has ended, complete or not. Must be quick. Throwing is logged. */
  readonly finish: SyncHook<[exchange: Exchange]>
}

/** Makes the hooks, unguarded and untapped. @internal */
export function createHooks(): GatewayHooks {
  return {
    config: new AsyncSeriesWaterfallHook(['config']),
    activate: new SyncHook(['next', 'previous']),
    configRefusal: new SyncHook(['error']),
    retire: new AsyncParallelHook(['snapshot']),
    close: new AsyncSeriesHook([]),
    connection: new SyncBailHook(['connection']),
    refusal: new SyncHook(['connection', 'refusal']),
    request: new AsyncSeriesBailHook(['ctx']),
    route: new SyncBailHook(['exchange']),
    upstream: new AsyncSeriesHook(['exchange', 'attempt']),
    upstreamEnd: new SyncHook(['exchange', 'attempt']),
    response: new AsyncSeriesHook(['ctx', 'response']),
    finish: new SyncHook(['exchange']),
  }
}
