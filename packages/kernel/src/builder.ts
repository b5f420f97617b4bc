/**
 * Turns an understood configuration into a snapshot: sections, services, middlewares, routers.
 *
 * @module
 */
import type { Logger } from 'pino'
import { isThenable } from './awaitable.ts'
import type { Blueprint, MiddlewarePlan, RouterPlan, ServicePlan } from './blueprint.ts'
import { canonicalJson } from './canonical.ts'
import { type ChainLink, compileChain } from './chain.ts'
import { applyCommonKeys } from './common-keys.ts'
import type { ConfigDocument, ConfigPath, Report } from './config.ts'
import type { Draft } from './draft.ts'
import { LivePool } from './endpoint-pool.ts'
import { errors } from './errors.ts'
import { isGatewayError, problemOf } from './gateway-error.ts'
import { Holdings } from './holdings.ts'
import type { HookRunner } from './hook-runner.ts'
import type { Listeners } from './listeners.ts'
import { type GatewayPart, LiveScope, type ScopeParts } from './live-scope.ts'
import { LiveService, type NamedFeature } from './live-service.ts'
import { LiveSnapshot } from './live-snapshot.ts'
import { checkMethod, checkMiddleware, checkTransport } from './made.ts'
import { isDocument } from './merged-config.ts'
import type { Middleware } from './middleware.ts'
import { refusalOf } from './refusal.ts'
import type { RequestContext } from './request-context.ts'
import type { KeptResources } from './resources.ts'
import type { GatewayResponse } from './response.ts'
import type { Route, RouterEntry } from './routing.ts'
import type { RunningProviders } from './running-providers.ts'
import type { AnyTransport } from './service.ts'
import { compileStreamChain } from './stream-chain.ts'
import { inTime } from './time-limit.ts'

/** How long one `create` may take, in milliseconds. */
const createTimeoutMs = 10_000

/** What a builder needs of the gateway. */
export interface BuilderHost {
  readonly resources: KeptResources
  readonly hooks: HookRunner
  readonly log: Logger
  readonly providers: RunningProviders
  readonly listeners: Listeners
  readonly part: GatewayPart
}

interface NamedMiddleware {
  readonly plan: MiddlewarePlan
  readonly middleware: Middleware
}

/** Builds one snapshot; made anew for each. */
export class Builder {
  readonly #host: BuilderHost
  readonly #blueprint: Blueprint
  readonly #report: Report
  readonly #main: ConfigDocument | undefined
  readonly #snapshot: LiveSnapshot
  /** By name; what each router has for itself is not made here. */
  readonly #middlewares = new Map<string, NamedMiddleware | MiddlewarePlan>()

  constructor(host: BuilderHost, { blueprint, contributions, report }: Draft, version: number) {
    const { input } = contributions.main
    this.#host = host
    this.#blueprint = blueprint
    this.#report = report
    this.#main = isDocument(input) ? input : undefined
    this.#snapshot = new LiveSnapshot(version, blueprint, host.resources, host.log)
  }

  /** Reports what cannot be made. The caller disposes a snapshot that it does not use. */
  async build(): Promise<LiveSnapshot> {
    const { sections, services, middlewares } = this.#blueprint
    for (const { section, label, options } of sections) {
      const path = label === undefined ? [section.type] : [section.type, label]
      const scope = this.#scope(path, { section: section.type })
      const made = await this.#create(path, () => section.factory.create(options, scope))
      if (made !== undefined) this.#snapshot.addSection(section.key, label, made.value)
    }
    this.#buildFeatures()
    this.#stageListeners()
    this.#buildProviders()
    for (const plan of services) this.#beginService(plan)
    for (const plan of services) await this.#completeService(plan)
    const named = new Set(this.#blueprint.routers.flatMap((router) => router.middlewares))
    for (const plan of middlewares) {
      // What no router names is made as well, to see that it can be.
      if (plan.common.scope === 'router' && named.has(plan.name)) {
        this.#middlewares.set(plan.name, plan)
        continue
      }
      const made = await this.#middleware(plan, plan.name)
      if (made !== undefined) this.#middlewares.set(plan.name, made)
    }
    await this.#buildRoutes()
    return this.#snapshot
  }

  #buildFeatures(): void {
    for (const { name, features } of this.#blueprint.entrypoints) {
      const made = features.flatMap(({ factory, options }) => {
        try {
          return [factory.create(options, this.#scope(['entrypoints', name], { entrypoint: name }))]
        } catch (error) {
          this.#refuse(['entrypoints', name], error)
          return []
        }
      })
      this.#snapshot.features.set(name, made)
    }
  }

  #stageListeners(): void {
    const { entrypoints } = this.#blueprint
    const staged = this.#host.listeners.stage(entrypoints, ({ name }, error) =>
      this.#refuse(['entrypoints', name], error),
    )
    this.#snapshot.listeners = staged
    this.#snapshot.holdings.defer(() => staged.discard())
  }

  #buildProviders(): void {
    const snapshot = this.#snapshot
    for (const { factory, options, syncTimeoutMs } of this.#blueprint.providers) {
      const { type } = factory
      const main = this.#main
      const loads = factory.load !== undefined
      try {
        // With the same options another file may be meant.
        const folder = this.#blueprint.folderOf(['providers', type])
        const key = `provider:${type}:${folder}:${main?.file ?? ''}:${canonicalJson(options)}`
        const running = snapshot.holdings.keep(key, () => {
          const { providers, resources, log } = this.#host
          // It outlives the configuration for which it was made.
          const holdings = new Holdings(resources, log.child({ provider: type }))
          const scope = this.#scope(['providers', type], { provider: type }, { holdings })
          const provider = factory.create(options, scope, main)
          const run = loads ? { holdings, loads } : { holdings, syncTimeoutMs }
          return providers.prepare(type, provider, run)
        })
        snapshot.holdings.onActivate(() => running.start())
      } catch (error) {
        this.#refuse(['providers', type], error)
      }
    }
  }

  #beginService({ name, targets }: ServicePlan): void {
    const snapshot = this.#snapshot
    const log = this.#host.log.child({ service: name })
    const pool = new LivePool(name, snapshot.holdings, (error) =>
      log.error({ err: error }, 'following the endpoints failed'),
    )
    pool.fill(targets)
    snapshot.holdings.onActivate(() => pool.activate())
    snapshot.holdings.defer(() => pool.close())
    const service = new LiveService(name, pool, this.#host.hooks, (error) =>
      log.error({ err: error }, 'learning from an attempt failed'),
    )
    snapshot.services.set(name, service)
  }

  async #completeService(plan: ServicePlan): Promise<void> {
    const { name } = plan
    const service = this.#snapshot.services.get(name)
    if (service === undefined) return
    const scope = this.#scope(['services', name], { service: name })
    const path = ['services', name, 'load_balancer']
    const { factory, options } = plan.balancer
    const balancer = await this.#create(
      path,
      () => factory.create(options, scope),
      (value) => checkMethod(value, 'pick', `strategy "${factory.type}"`),
    )
    const transports = new Map<string, AnyTransport>()
    for (const planned of plan.transports) {
      const { type, schemes } = planned.factory
      const made = await this.#create(
        path,
        () => planned.factory.create(planned.options, service, scope),
        (value) => checkTransport(value, type),
      )
      if (made === undefined) continue
      for (const scheme of schemes) transports.set(scheme, made.value)
    }
    const features: NamedFeature[] = []
    for (const planned of plan.features) {
      const { type, parent } = planned.factory
      const where = parent === 'service' ? ['services', name, type] : [...path, type]
      const made = await this.#create(where, () =>
        planned.factory.create(planned.options, service, scope),
      )
      if (made !== undefined) features.push({ name: type, feature: made.value })
    }
    if (balancer !== undefined) service.complete(balancer.value, transports, features)
  }

  async #middleware(plan: MiddlewarePlan, label: string): Promise<NamedMiddleware | undefined> {
    const { name, factory, options, common } = plan
    const path = ['middlewares', name]
    const bindings = { middleware: name, type: factory.type }
    const scope = this.#scope(path, bindings, { name: label, dryRun: common.dry_run })
    const made = await this.#create(
      path,
      () => factory.create(options, scope),
      (value) => checkMiddleware(value, factory.type),
    )
    if (made === undefined) return undefined
    return { plan, middleware: applyCommonKeys(made.value, common, scope.log) }
  }

  async #buildRoutes(): Promise<void> {
    const { routers, routing } = this.#blueprint
    const entries: RouterEntry[] = []
    for (const router of routers) {
      entries.push({ ...router, route: await this.#route(router) })
    }
    if (routing === undefined) return
    try {
      const findRoute = routing.factory.build(entries, routing.options, this.#report)
      this.#snapshot.setRoutes(
        entries.map(({ route }) => route),
        findRoute,
      )
    } catch (error) {
      this.#refuse(['routers'], error)
    }
  }

  async #route(router: RouterPlan): Promise<Route> {
    const service = this.#snapshot.services.get(router.service)
    if (service !== undefined) this.#checkService(router, service)
    const chain: NamedMiddleware[] = []
    for (const [index, name] of router.middlewares.entries()) {
      const known = this.#middlewares.get(name)
      if (known === undefined) continue
      const made =
        'middleware' in known ? known : await this.#middleware(known, `${name}@${router.name}`)
      if (made === undefined) continue
      chain.push(made)
      this.#checkKind(router, made, ['routers', router.name, 'middlewares', index])
    }
    const base = { router: router.name, service: router.service }
    const links = chain.map((named) => this.#link(named))
    if (router.kind === 'stream') {
      return { ...base, kind: 'stream', network: router.network, enter: compileStreamChain(links) }
    }
    return { ...base, kind: 'http', handle: compileChain(links, service?.handle ?? unknownService) }
  }

  #checkService(router: RouterPlan, service: LiveService): void {
    // Nobody knows the kind of one whose entrypoints were refused.
    if (router.entrypoints.length === 0) return
    for (const message of service.unfitFor(router)) {
      this.#report({ path: ['routers', router.name, 'service'], code: 'GW_CONFIG_KIND', message })
    }
  }

  #link({ plan, middleware }: NamedMiddleware): ChainLink {
    const { failure } = plan.factory
    return {
      owner: `middleware "${plan.name}"`,
      middleware,
      ...(failure !== undefined && { failure }),
      onIgnoredFailure: (error) =>
        this.#host.log.error(
          { middleware: plan.name, problem: problemOf(error) },
          'response filter failed; the response passes as it was',
        ),
    }
  }

  #checkKind(router: RouterPlan, { plan, middleware }: NamedMiddleware, path: ConfigPath): void {
    const fits =
      router.kind === 'stream'
        ? middleware.onConnection !== undefined
        : middleware.around !== undefined ||
          middleware.onRequest !== undefined ||
          middleware.onResponse !== undefined
    if (fits) return
    this.#report({
      path,
      code: 'GW_PLUGIN_PROTOCOL_UNSUPPORTED',
      message: `middleware "${plan.name}" does nothing for routers of kind "${router.kind}"`,
    })
  }

  /** Of the block at `path`, which it is named after. */
  #scope(
    path: ConfigPath,
    bindings: Record<string, string>,
    rest: Partial<Pick<ScopeParts, 'name' | 'holdings' | 'dryRun'>> = {},
  ): LiveScope {
    const { services, holdings, blueprint } = this.#snapshot
    return new LiveScope({
      name: String(path.at(-1)),
      log: this.#host.log.child(bindings),
      holdings,
      part: this.#host.part,
      folder: blueprint.folderOf(path),
      services: () => services,
      ...rest,
    })
  }

  /** `undefined` if it failed, which has been reported then. */
  async #create<T>(
    path: ConfigPath,
    create: () => T | PromiseLike<T>,
    check: (made: T) => void = () => undefined,
  ): Promise<{ readonly value: T } | undefined> {
    try {
      const made = create()
      const value = isThenable(made) ? await inTime(made, createTimeoutMs, notReady) : made
      check(value)
      return { value }
    } catch (error) {
      this.#refuse(path, error)
      return undefined
    }
  }

  #refuse(path: ConfigPath, error: unknown): void {
    if (!isGatewayError(error)) this.#host.log.debug({ err: error, path }, 'create failed')
    for (const problem of refusalOf(error, path)) this.#report(problem)
  }
}

function notReady(): Error {
  return new Error(`not ready within ${createTimeoutMs / 1000} s`)
}

/** For a router whose service is missing: its configuration is refused, but its rule is checked. */
function unknownService(ctx: RequestContext): GatewayResponse {
  return ctx.fail(errors.GW_INTERNAL({ problem: 'the service of the route is missing' }))
}
