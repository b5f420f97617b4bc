/**
 * The scope that a factory gets, over the holdings of its lifetime.
 *
 * @module
 */
import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { errors } from './errors.ts'
import { badResult } from './failure.ts'
import type { Holdings } from './holdings.ts'
import type { Peers } from './peers.ts'
import { actingPlugin, asNow } from './plugin-context.ts'
import { disposeOf, isDisposable } from './resources.ts'
import type { Scope } from './scope.ts'
import { ScopeTimers } from './scope-timers.ts'
import type { Service } from './service.ts'
import type { StepObserver, StepObservers } from './steps.ts'

/** What a gateway is beside others that work alike. */
export interface GatewayPart {
  readonly share: number
  readonly sharedSecret: string | undefined
  readonly peers: Peers
}

/** What a scope is made of. */
export interface ScopeParts {
  readonly name: string
  readonly log: Logger
  readonly holdings: Holdings
  readonly dryRun?: boolean
  readonly part: GatewayPart
  /** Where relative paths of the block begin. */
  readonly folder: string
  /** Name of the plugin that it is for; `undefined` if several share it, as in a service. */
  readonly plugin?: string | undefined
  /** Those of the configuration. */
  readonly observers: StepObservers
  /** Asked each time, since services are made after their scopes. */
  services(): ReadonlyMap<string, Service>
}

/** The scope of one block, for one lifetime. Its functions need no `this`: authors take it apart. */
export class LiveScope implements Scope {
  readonly name: string
  readonly log: Logger
  readonly dryRun: boolean
  readonly share: number
  readonly sharedSecret: string | undefined
  readonly peers: Peers
  readonly #parts: ScopeParts
  #timers: ScopeTimers | undefined = undefined
  #ending: AbortController | undefined = undefined

  constructor(parts: ScopeParts) {
    this.name = parts.name
    this.log = parts.log
    this.dryRun = parts.dryRun ?? false
    this.share = parts.part.share
    this.sharedSecret = parts.part.sharedSecret
    this.peers = parts.part.peers
    this.#parts = parts
  }

  readonly resolvePath = (path: string): string => {
    return resolve(this.#parts.folder, path)
  }

  readonly service = (name: string): Service => {
    const service = this.#parts.services().get(name)
    if (service !== undefined) return service
    throw errors.GW_INTERNAL({ problem: `"${this.name}" asks for the unknown service "${name}"` })
  }

  readonly keep = <T extends Disposable | AsyncDisposable>(key: string, create: () => T): T => {
    // Keys of strangers may be alike, unless they have the name of a package.
    const plugin = /^@[^/]+\/[^:]+:/.test(key) ? '' : this.#plugin
    return this.#parts.holdings.keep(`${plugin}\n${key}`, () =>
      this.#disposable(create(), `the function for scope.keep("${key}")`),
    )
  }

  readonly onActivate = (fn: () => void): void => {
    this.#parts.holdings.onActivate(asNow(fn))
  }

  readonly onDeactivate = (fn: () => void): void => {
    this.#parts.holdings.onDeactivate(asNow(fn))
  }

  readonly observeSteps = (observer: StepObserver): void => {
    this.#parts.observers.add(observer)
  }

  readonly defer = (fn: () => void | Promise<void>): void => {
    this.#parts.holdings.defer(asNow(fn))
  }

  readonly use = <T extends Disposable | AsyncDisposable>(resource: T): T => {
    this.#disposable(resource, 'the argument of scope.use')
    this.defer(() => disposeOf(resource))
    return resource
  }

  get signal(): AbortSignal {
    if (this.#ending === undefined) {
      const ending = new AbortController()
      this.#ending = ending
      this.defer(() => ending.abort())
    }
    return this.#ending.signal
  }

  readonly setInterval = (fn: () => unknown, ms: number): Disposable => {
    return this.#allTimers().add(fn, ms, true)
  }

  readonly setTimeout = (fn: () => unknown, ms: number): Disposable => {
    return this.#allTimers().add(fn, ms, false)
  }

  get #plugin(): string {
    return this.#parts.plugin ?? actingPlugin() ?? ''
  }

  /** Throws GW_PLUGIN_BAD_RESULT for what nobody could end. */
  #disposable<T>(resource: T, where: string): T {
    if (isDisposable(resource)) return resource
    const expected = 'something with [Symbol.dispose]() or [Symbol.asyncDispose]()'
    throw badResult(`plugin "${this.#plugin}"`, where, expected, resource)
  }

  #allTimers(): ScopeTimers {
    this.#timers ??= new ScopeTimers(this.#parts.holdings, this.log)
    return this.#timers
  }
}
