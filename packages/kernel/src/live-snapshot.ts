import type { Logger } from 'pino'
import type { Blueprint } from './blueprint.ts'
import type { GatewayConfig } from './config.ts'
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
    const value = this.#resources.hold(key, create)
    // A snapshot counts once however many of its blocks ask.
    if (this.#heldKeys.has(key)) void this.#resources.release(key)
    else this.#heldKeys.add(key)
    return value
  }

  onActivate(fn: () => void): void {
    this.#onActivate.push(fn)
  }

  defer(fn: () => void | Promise<void>): void {
    this.#deferred.push(fn)
  }

  /** Starts what was prepared. A start that throws is logged; the others go on. */
  activate(): void {
    const starts = this.#onActivate
    this.#onActivate = []
    for (const start of starts) {
      try {
        start()
      } catch (error) {
        this.#log.error({ version: this.version, err: error }, 'activation failed')
      }
    }
  }

  /** Undoes what building and activating did, in reverse. Never rejects. */
  async dispose(): Promise<void> {
    for (const undo of this.#deferred.splice(0).toReversed()) {
      try {
        await undo()
      } catch (error) {
        this.#log.error({ version: this.version, problem: problemOf(error) }, 'cleaning up failed')
      }
    }
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
}
