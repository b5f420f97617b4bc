/**
 * The interceptor that stands between tapable and every tap: it names the owner, contains what the
 * tap throws, waits for what it returns, and skips taps of plugins that the exchange's
 * configuration does not use.
 *
 * @module
 */
import type { Logger } from 'pino'
import { type Awaitable, Completion, isThenable } from './awaitable.ts'
import { errors } from './errors.ts'
import { Exchange } from './exchange.ts'
import { badResult, pluginFailure } from './failure.ts'
import type { GatewayError } from './gateway-error.ts'
import { type HookNature, metersExchanges, natures } from './hook-natures.ts'
import type { GatewayHooks } from './hooks.ts'
import { asPlugin } from './plugin-context.ts'
import { logRarely } from './rare-lines.ts'
import type { SetUp } from './set-up.ts'
import type { Snapshot } from './snapshot.ts'
import { answers, beginRun, failRun, followRun, isIgnored, passes, type Step } from './steps.ts'
import { type MeteredTap, TapMeters } from './tap-meters.ts'
import type { TapOrigin } from './tap-order.ts'
import { inTime } from './time-limit.ts'
import { waitFor } from './waiter.ts'

/** What the guard asks of the gateway. */
export interface GuardHost {
  /** The set-up that goes on. */
  currentSetUp(): SetUp | undefined
  /** False once taps that no set-up makes are too late. */
  acceptsTaps(): boolean
  /** For failures that cost nobody anything. */
  readonly log: Logger
  /** How long a tap may stay pending that no exchange waits for, in milliseconds. */
  readonly pendingTimeoutMs: number
}

/** tapable's description of a tap, as far as it concerns the guard. */
interface TapOptions extends Partial<TapOrigin> {
  readonly name: string
  readonly type: 'sync' | 'async' | 'promise'
  readonly fn: (...args: never[]) => unknown
  readonly before?: string | readonly string[]
}

type Invoke = (a: unknown, b: unknown) => unknown
type Done = (error?: unknown, result?: unknown) => void

interface TapGuard extends MeteredTap {
  readonly owner: string
  /** For messages: `hook "request"`. */
  readonly where: string
  readonly side: 'in' | 'out'
  readonly nature: HookNature
  /** The set-up that made the tap; `undefined` for taps of the embedding program. */
  readonly setUp: SetUp | undefined
  readonly host: GuardHost
  readonly invoke: Invoke
}

/** Puts the guard on every hook. */
export function guardHooks(hooks: GatewayHooks, host: GuardHost): TapMeters {
  const meters = new TapMeters()
  for (const name of ['config', 'retire', 'close', 'request', 'upstream', 'response'] as const) {
    intercept(hooks, name, host, meters, asyncTap)
  }
  for (const name of ['activate', 'configRefusal', 'refusal', 'upstreamEnd', 'finish'] as const) {
    intercept(hooks, name, host, meters, noticeTap)
  }
  intercept(hooks, 'connection', host, meters, connectionTap)
  intercept(hooks, 'route', host, meters, routeTap)
  return meters
}

function intercept(
  hooks: GatewayHooks,
  name: keyof GatewayHooks,
  host: GuardHost,
  meters: TapMeters,
  wrap: (tap: TapGuard) => { readonly type: string; readonly fn: unknown },
): void {
  // Every hook has the same interceptor interface, whatever its arguments.
  const hook = hooks[name] as unknown as {
    readonly taps: readonly { readonly name: string }[]
    intercept(options: { name: string; register(tap: TapOptions): TapOptions }): void
  }
  hook.intercept({
    name: '@gatewright/kernel',
    register(options) {
      const setUp = host.currentSetUp()
      if (setUp === undefined && !host.acceptsTaps()) {
        throw errors.GW_PLUGIN_LATE_TAP({ name: options.name })
      }
      for (const before of [options.before ?? []].flat()) {
        // tapable would put the tap first, without a word.
        if (hook.taps.some((other) => other.name === before)) continue
        throw errors.GW_PLUGIN_UNKNOWN_TAP({ name: options.name, hook: name, before })
      }
      const nature = natures[name]
      const plugin = setUp?.plugin ?? options.name
      const tap: TapGuard = {
        owner: `plugin "${plugin}"`,
        where: `hook "${name}"`,
        side: name === 'response' ? 'out' : 'in',
        nature,
        setUp,
        host,
        invoke: onBehalfOf(setUp, nature, invoker(options, nature.arity)),
        step: metersExchanges(name) ? stepOf(options.name, name, plugin) : undefined,
        observed: undefined,
      }
      meters.add(tap)
      // The wrapped function has the signature that its type promises to tapable.
      return { ...options, ...wrap(tap), setUp } as TapOptions
    },
  })
}

function stepOf(name: string, hook: keyof GatewayHooks, plugin: string): Step {
  return { kind: 'tap', name, type: hook, plugin, phase: hook }
}

/** Calls the function of a tap. */
function runTap(tap: TapGuard, a: unknown, b: unknown): unknown {
  const { observed } = tap
  if (observed === undefined) return tap.invoke(a, b)
  // Only taps that are called with an exchange are observed.
  const exchange = a as Exchange
  if (isIgnored(observed, exchange)) return tap.invoke(a, b)
  const run = beginRun(observed, exchange)
  let result: unknown
  try {
    result = tap.invoke(a, b)
  } catch (error) {
    failRun(observed, run, exchange, error)
    throw error
  }
  const outcomeOf = tap.nature.accepts === undefined ? passes : answers
  return followRun(observed, run, exchange, result, outcomeOf)
}

/** One way to call a tap, whichever of tapable's three ways its author chose. */
function invoker({ type, fn }: TapOptions, arity: number): Invoke {
  // tapable passes what the hook's type says; the guard is below that type.
  const call = fn as (...args: unknown[]) => unknown
  if (type !== 'async') return call
  return (...args) => {
    const completion = new Completion<unknown>()
    const done: Done = (error, result) =>
      error === undefined || error === null ? completion.resolve(result) : completion.reject(error)
    call(...args.slice(0, arity), done)
    return completion
  }
}

/** What no exchange waits for may start something that lasts. */
function onBehalfOf(setUp: SetUp | undefined, { ofSnapshot }: HookNature, invoke: Invoke): Invoke {
  if (setUp === undefined || ofSnapshot === true) return invoke
  return (a, b) => asPlugin(setUp.plugin, () => invoke(a, b))
}

function asyncTap(tap: TapGuard): { type: 'async'; fn: unknown } {
  const run = (a: unknown, b: unknown, done: Done): void => {
    if (isSkipped(tap, a)) return done()
    let result: unknown
    try {
      result = runTap(tap, a, b)
    } catch (error) {
      return fail(tap, error, done)
    }
    if (!isThenable(result)) return settle(tap, result, done)
    follow(a, tap, result).then(
      (value) => settle(tap, value, done),
      (error: unknown) => fail(tap, error, done),
    )
  }
  const fns = {
    0: (done: Done) => run(undefined, undefined, done),
    1: (a: unknown, done: Done) => run(a, undefined, done),
    2: run,
  }
  return { type: 'async', fn: fns[tap.nature.arity] }
}

function follow(
  subject: unknown,
  { owner, where, host }: TapGuard,
  pending: PromiseLike<unknown>,
): PromiseLike<unknown> {
  if (subject instanceof Exchange) return waitFor(subject, owner, where, pending)
  const timeoutMs = host.pendingTimeoutMs
  return inTime(pending, timeoutMs, () => errors.GW_PLUGIN_TIMEOUT({ owner, where, timeoutMs }))
}

function settle(tap: TapGuard, result: unknown, done: Done): void {
  const { accepts } = tap.nature
  if (result === undefined || result === null || accepts === undefined) return done()
  if (accepts(result)) return done(null, result)
  fail(tap, unexpected(tap, result), done)
}

function fail(tap: TapGuard, error: unknown, done: Done): void {
  const failed = failure(tap, error)
  if (tap.nature.harmless !== true) return done(failed)
  report(tap, failed)
  done()
}

/** A tap that looks and cannot harm. */
function noticeTap(tap: TapGuard): { type: 'sync'; fn: unknown } {
  return {
    type: 'sync',
    fn: (a: unknown, b: unknown): void => {
      if (isSkipped(tap, a)) return
      try {
        const result = runTap(tap, a, b)
        if (isThenable(result)) report(tap, notAwaited(tap, result))
      } catch (error) {
        report(tap, failure(tap, error))
      }
    },
  }
}

function connectionTap(tap: TapGuard): { type: 'sync'; fn: unknown } {
  return {
    type: 'sync',
    fn: (a: unknown): unknown => {
      if (isSkipped(tap, a)) return undefined
      try {
        const result = runTap(tap, a, undefined)
        if (result === undefined || result === null) return undefined
        if (isThenable(result)) throw notAwaited(tap, result)
        if (tap.nature.accepts?.(result) === true) return result
        throw unexpected(tap, result)
      } catch (error) {
        const failed = failure(tap, error)
        report(tap, failed)
        return { reason: failed.message, error: failed }
      }
    },
  }
}

function routeTap(tap: TapGuard): { type: 'sync'; fn: unknown } {
  return {
    type: 'sync',
    fn: (a: unknown): unknown => {
      if (isSkipped(tap, a)) return undefined
      let result: unknown
      try {
        result = runTap(tap, a, undefined)
      } catch (error) {
        throw failure(tap, error)
      }
      if (result === undefined || result === null) return undefined
      if (isThenable(result)) throw notAwaited(tap, result)
      if (tap.nature.accepts?.(result) === true) return result
      throw unexpected(tap, result)
    },
  }
}

/** An `async` function on a hook that cannot wait: its outcome is caught and refused. */
function notAwaited(tap: TapGuard, pending: Awaitable<unknown>): GatewayError {
  if (isThenable(pending)) {
    pending.then(undefined, (error: unknown) => report(tap, failure(tap, error)))
  }
  return badResult(tap.owner, tap.where, 'a result at once, since the hook cannot wait', pending)
}

function unexpected({ owner, where, nature }: TapGuard, result: unknown): GatewayError {
  return badResult(owner, where, nature.expected ?? 'nothing', result)
}

function failure({ owner, where, side }: TapGuard, error: unknown): GatewayError {
  return pluginFailure(error, owner, where, side)
}

function isSkipped({ setUp, nature }: TapGuard, subject: unknown): boolean {
  if (setUp === undefined) return false
  if (setUp.failed) return true
  if (nature.ofSnapshot !== true) return false
  // What a hook of this nature is called with: an exchange or a connection.
  const { snapshot } = subject as { readonly snapshot: Snapshot }
  return !snapshot.uses(setUp.plugin)
}

function report({ host, owner, where }: TapGuard, error: GatewayError): void {
  const { code, message: problem, cause } = error
  // It may fail for every exchange.
  logRarely(host.log, {
    level: 'error',
    subject: `${owner} ${where} ${problem}`,
    message: 'tap failed',
    fields: () => ({ code, problem, err: cause }),
  })
}
