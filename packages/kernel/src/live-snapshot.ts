/**
 * A configuration that was built.
 *
 * @module
 */
import type { Logger } from 'pino'
import type { Blueprint } from './blueprint.ts'
import type { GatewayConfig } from './config.ts'
import type { Exchange } from './exchange.ts'
import { ExchangeList } from './exchange-list.ts'
import { Holdings } from './holdings.ts'
import type { StagedListeners } from './listeners.ts'
import type { LiveService } from './live-service.ts'
import type { Pipeline, ServicePipeline } from './pipeline.ts'
import type { EntrypointFeature } from './protocol.ts'
import type { KeptResources } from './resources.ts'
import type { FindRoute, Route, RouteVerdict } from './routing.ts'
import type { SectionKey, Snapshot } from './snapshot.ts'
import { StepObservers } from './steps.ts'

/** A feature of an entrypoint and whose it is, for messages. */
interface OwnedFeature {
  readonly owner: string
  readonly feature: EntrypointFeature
}

/** A configuration that was built, with everything that must be undone when it is retired. */
export class LiveSnapshot implements Snapshot {
  readonly version: number
  readonly blueprint: Blueprint
  readonly holdings: Holdings
  readonly services = new Map<string, LiveService>()
  readonly pipelines = new Map<string, Pipeline>()
  /** Of each service, for the routers that lead to it. */
  readonly servicePipelines = new Map<string, ServicePipeline>()
  readonly features = new Map<string, readonly OwnedFeature[]>()
  /** Exchanges that keep it from being retired. */
  readonly exchanges = new ExchangeList()
  /** Who looks at its steps; sections bring them. */
  readonly observers: StepObservers = new StepObservers()
  routes: readonly Route[] = []
  /** Its listeners, until they are bound. */
  listeners: StagedListeners | undefined = undefined
  /** False before it serves exchanges. */
  activated = false
  #findRoute: FindRoute = () => undefined
  readonly #sections = new Map<SectionKey<unknown>, Map<string | undefined, unknown>>()

  constructor(version: number, blueprint: Blueprint, resources: KeptResources, log: Logger) {
    this.version = version
    this.blueprint = blueprint
    this.holdings = new Holdings(resources, log.child({ version }))
  }

  get hash(): string {
    return this.blueprint.hash
  }

  get config(): GatewayConfig {
    return this.blueprint.config
  }

  /** How long it and what it replaces wait for exchanges. */
  get drainTimeoutMs(): number {
    return this.config.shutdown_timeout_secs * 1000
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

  explainRoute(exchange: Exchange): readonly RouteVerdict[] {
    return this.#findRoute.explain?.(exchange) ?? []
  }

  peeks(entrypoint: string): boolean {
    return this.#findRoute.peeks?.(entrypoint) === true
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

  /** From now on it serves exchanges: starts what was prepared. */
  activate(): void {
    this.activated = true
    this.holdings.activate()
  }

  /** True if an exchange of `other` depends on nothing that is different here. */
  serves(exchange: Exchange, other: LiveSnapshot): boolean {
    const router = exchange.route?.router
    if (router === undefined) return true
    const signature = other.blueprint.signatures.get(router)
    return signature !== undefined && signature === this.blueprint.signatures.get(router)
  }
}
