import type { Logger } from 'pino'
import { isThenable } from './awaitable.ts'
import type { Blueprint } from './blueprint.ts'
import type { GatewayConfig } from './config.ts'
import { errors } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { problemOf } from './gateway-error.ts'
import type { LiveService } from './live-service.ts'
import type { EntrypointFeature } from './protocol.ts'
import type { KeptResources } from './resources.ts'
import type { FindRoute, Route } from './routing.ts'
import type { SectionKey, Snapshot } from './snapshot.ts'

/** A configuration that was built, with everything that must be undone when it is retired. */
export class LiveSnapshot implements Snapshot {
  readonly version: number
  readonly blueprint: Blueprint
  readonly services = new Map<string, LiveService>()
  readonly features = new Map<string, readonly EntrypointFeature[]>()
  /** Exchanges that keep it from being retired. */
  readonly exchanges = new Set<Exchange>()
  routes: readonly Route[] = []
  #findRoute: FindRoute = () => undefined
  readonly #sections = new Map<SectionKey<unknown>, Map<string | undefined, unknown>>()
  readonly #resources: KeptResources
  readonly #log: Logger
  readonly #heldKeys = new Set<string>()
  readonly #deferred: (() => void | Promise<void>)[] = []
  #onActivate: (() => void)[] = []
  #disposed = false

  constructor(version: number, blueprint: Blueprint, resources: KeptResources, log: Logger) {
    this.version = version
    this.blueprint = blueprint
    this.#resources = resources
    this.#log = log
  }

  get config(): GatewayConfig {
    return this.blueprint.config
  }

  get<T>(key: SectionKey<T>, label?: string): T | undefined {
    // `addSection` stored what the section of this key made.
    return this.#sections.get(key)?.get(label) as T | undefined
  }

  uses(plugin: string): boolean {
    return this.blueprint.plugins.has(plugin)
  }

  findRoute(exchange: Exchange): Route | undefined {
    return this.#findRoute(exchange)
  }

  setRoutes(routes: readonly Route[], findRoute: FindRoute): void {
    this.routes = routes
    this.#findRoute = findRoute
  }

  addSection(key: SectionKey<unknown>, label: string | undefined, value: unknown): void {
    const byLabel = this.#sections.get(key) ?? new Map<string | undefined, unknown>()
    byLabel.set(label, value)
    this.#sections.set(key, byLabel)
  }

  keep<T extends Disposable | AsyncDisposable>(key: string, create: () => T): T {
    // What is asked for too late would never be released.
    if (this.#disposed) throw errors.GW_INTERNAL({ problem: 'the configuration is gone' })
    const value = this.#resources.hold(key, create)
    // A snapshot counts once however many of its blocks ask.
    if (this.#heldKeys.has(key)) void this.#resources.release(key)
    else this.#heldKeys.add(key)
    return value
  }

  /** Gives up what {@link LiveSnapshot.keep} holds, before the end. */
  letGo(key: string): void {
    if (this.#heldKeys.delete(key)) void this.#resources.release(key)
  }

  onActivate(fn: () => void): void {
    this.#onActivate.push(fn)
  }

  defer(fn: () => void | Promise<void>): void {
    if (this.#disposed) void this.#undo(fn)
    else this.#deferred.push(fn)
  }

  /** Starts what was prepared. A start that throws is logged; the others go on. */
  activate(): void {
    const starts = this.#onActivate
    this.#onActivate = []
    for (const start of starts) {
      const failed = (error: unknown): void =>
        this.#log.error({ version: this.version, err: error }, 'activation failed')
      try {
        // An async function passes for one that returns nothing.
        const pending: unknown = start()
        if (isThenable(pending)) pending.then(undefined, failed)
      } catch (error) {
        failed(error)
      }
    }
  }

  /** Undoes what building and activating did, in reverse. Never rejects. */
  async dispose(): Promise<void> {
    this.#disposed = true
    for (const undo of this.#deferred.splice(0).toReversed()) await this.#undo(undo)
    for (const key of this.#heldKeys) await this.#resources.release(key)
    this.#heldKeys.clear()
  }

  /** True if an exchange of `other` depends on nothing that is different here. */
  serves(exchange: Exchange, other: LiveSnapshot): boolean {
    const router = exchange.route?.router
    if (router === undefined) return true
    const signature = other.blueprint.signatures.get(router)
    return signature !== undefined && signature === this.blueprint.signatures.get(router)
  }

  async #undo(fn: () => void | Promise<void>): Promise<void> {
    try {
      await fn()
    } catch (error) {
      this.#log.error({ version: this.version, problem: problemOf(error) }, 'cleaning up failed')
    }
  }
}
