/**
 * Makes the middlewares and the routes of a snapshot.
 *
 * @module
 */
import type { Blueprint, MiddlewarePlan, RouterPlan } from './blueprint.ts'
import type { BuildSite } from './build-site.ts'
import { type ChainLink, compileChain } from './chain.ts'
import { applyCommonKeys } from './common-keys.ts'
import type { ConfigPath } from './config.ts'
import { errors } from './errors.ts'
import { problemOf } from './gateway-error.ts'
import type { LiveService } from './live-service.ts'
import { checkMiddleware } from './made.ts'
import type { Middleware } from './middleware.ts'
import { phasesOfMiddleware } from './pipeline.ts'
import { titleOfFactory } from './registry.ts'
import type { RequestContext } from './request-context.ts'
import type { GatewayResponse } from './response.ts'
import type { Route, RouterEntry } from './routing.ts'
import { observed } from './steps.ts'
import { compileStreamChain } from './stream-chain.ts'

interface NamedMiddleware {
  readonly plan: MiddlewarePlan
  readonly middleware: Middleware
}

/** Makes the middlewares and the routes of one snapshot; the services must be there. */
export class RouteBuilder {
  readonly #site: BuildSite
  /** By name; what each router has for itself is not made here. */
  readonly #middlewares = new Map<string, NamedMiddleware | MiddlewarePlan>()

  constructor(site: BuildSite) {
    this.#site = site
  }

  async build({ routers, middlewares, routing }: Blueprint): Promise<void> {
    const named = new Set(routers.flatMap((router) => router.middlewares))
    for (const plan of middlewares) {
      // What no router names is made as well, to see that it can be.
      if (plan.common.scope === 'router' && named.has(plan.name)) {
        this.#middlewares.set(plan.name, plan)
        continue
      }
      const made = await this.#middleware(plan, plan.name)
      if (made !== undefined) this.#middlewares.set(plan.name, made)
    }
    const entries: RouterEntry[] = []
    for (const router of routers) {
      entries.push({ ...router, route: await this.#route(router) })
    }
    if (routing === undefined) return
    const { snapshot, report } = this.#site
    try {
      const findRoute = routing.factory.build(entries, routing.options, report)
      snapshot.setRoutes(
        entries.map(({ route }) => route),
        findRoute,
      )
    } catch (error) {
      this.#site.refuse(['routers'], error)
    }
  }

  async #middleware(plan: MiddlewarePlan, label: string): Promise<NamedMiddleware | undefined> {
    const { name, factory, options, common } = plan
    const path = ['middlewares', name]
    const bindings = { middleware: name, type: factory.type }
    const scope = this.#site.scope(path, bindings, { name: label, dryRun: common.dry_run })
    const made = await this.#site.create(
      path,
      factory,
      () => factory.create(options, scope),
      (value) => checkMiddleware(value, titleOfFactory(factory)),
    )
    if (made === undefined) return undefined
    const middleware = applyCommonKeys(made.value, common, scope.log)
    const { type } = factory
    const plugin = this.#site.host.plugins.middlewares.ownerOf(type)
    const step = { kind: 'middleware', name, type, plugin } as const
    return {
      plan,
      middleware: observed(middleware, (phase) => this.#site.observed({ ...step, phase })),
    }
  }

  async #route(router: RouterPlan): Promise<Route> {
    const service = this.#site.snapshot.services.get(router.service)
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
    this.#notePipeline(router, chain)
    const base = { router: router.name, service: router.service }
    const links = chain.map((named) => this.#link(named))
    if (router.kind === 'stream') {
      return { ...base, kind: 'stream', network: router.network, enter: compileStreamChain(links) }
    }
    return { ...base, kind: 'http', handle: compileChain(links, service?.handle ?? unknownService) }
  }

  #notePipeline({ name, kind, service }: RouterPlan, chain: readonly NamedMiddleware[]): void {
    const { snapshot, host } = this.#site
    const onwards = snapshot.servicePipelines.get(service)
    // A configuration with a router that leads nowhere is refused.
    if (onwards === undefined) return
    const middlewares = chain.map(({ plan, middleware }) => ({
      name: plan.name,
      type: plan.factory.type,
      plugin: host.plugins.middlewares.ownerOf(plan.factory.type) ?? 'unknown',
      phases: phasesOfMiddleware(middleware, kind),
    }))
    snapshot.pipelines.set(name, { router: name, kind, middlewares, service: onwards })
  }

  #checkService(router: RouterPlan, service: LiveService): void {
    // Nobody knows the kind of one whose entrypoints were refused.
    if (router.entrypoints.length === 0) return
    for (const message of service.unfitFor(router)) {
      this.#site.report({
        path: ['routers', router.name, 'service'],
        code: 'GW_CONFIG_KIND',
        message,
      })
    }
  }

  #link({ plan, middleware }: NamedMiddleware): ChainLink {
    const { failure, type } = plan.factory
    const name = `middleware "${plan.name}"`
    const plugin = this.#site.host.plugins.middlewares.ownerOf(type)
    return {
      owner: plugin === undefined ? name : `${name} of plugin "${plugin}"`,
      name,
      middleware,
      ...(failure !== undefined && { failure }),
      onIgnoredFailure: (error) =>
        this.#site.host.log.error(
          { middleware: plan.name, plugin, problem: problemOf(error), err: error },
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
    const missing = router.kind === 'stream' ? 'onConnection' : 'onRequest, onResponse or around'
    this.#site.report({
      path,
      code: 'GW_PLUGIN_PROTOCOL_UNSUPPORTED',
      message: `middleware "${plan.name}" does nothing for routers of kind "${router.kind}": it has no ${missing}`,
    })
  }
}

/** For a router whose service is missing: its configuration is refused, but its rule is checked. */
function unknownService(ctx: RequestContext): GatewayResponse {
  return ctx.fail(errors.GW_INTERNAL({ problem: 'the service of the route is missing' }))
}
