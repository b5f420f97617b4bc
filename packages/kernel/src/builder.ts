/**
 * Turns an understood configuration into a snapshot: sections, services, middlewares, routers.
 *
 * @module
 */
import type { Blueprint } from './blueprint.ts'
import { type BuilderHost, BuildSite } from './build-site.ts'
import { canonicalJson } from './canonical.ts'
import type { ConfigDocument } from './config.ts'
import type { Draft } from './draft.ts'
import { Holdings } from './holdings.ts'
import { LiveSnapshot } from './live-snapshot.ts'
import { checkEntrypointFeature, checkProvider } from './made.ts'
import { isDocument } from './merged-config.ts'
import { asPlugin } from './plugin-context.ts'
import { ownerOfFactory, titleOfFactory } from './registry.ts'
import { RouteBuilder } from './route-builder.ts'
import { beginService, completeService } from './service-builder.ts'

/** Builds one snapshot; made anew for each. */
export class Builder {
  readonly #site: BuildSite
  readonly #blueprint: Blueprint
  readonly #main: ConfigDocument | undefined

  constructor(host: BuilderHost, { blueprint, contributions, report }: Draft, version: number) {
    const { input } = contributions.main
    this.#blueprint = blueprint
    this.#main = isDocument(input) ? input : undefined
    const snapshot = new LiveSnapshot(version, blueprint, host.resources, host.log)
    this.#site = new BuildSite(host, snapshot, report)
  }

  /** Reports what cannot be made. The caller disposes a snapshot that it does not use. */
  async build(): Promise<LiveSnapshot> {
    const site = this.#site
    const { sections, services } = this.#blueprint
    for (const { section, label, options } of sections) {
      const path = label === undefined ? [section.type] : [section.type, label]
      const scope = site.scope(path, { section: section.type })
      const made = await site.create(path, section, () => section.factory.create(options, scope))
      if (made !== undefined) site.snapshot.addSection(section.key, label, made.value)
    }
    this.#buildFeatures()
    this.#stageListeners()
    this.#buildProviders()
    for (const plan of services) beginService(site, plan)
    for (const plan of services) await completeService(site, plan)
    await new RouteBuilder(site).build(this.#blueprint)
    return site.snapshot
  }

  #buildFeatures(): void {
    for (const { name, features } of this.#blueprint.entrypoints) {
      const made = features.flatMap(({ factory, options }) => {
        try {
          const scope = this.#site.scope(['entrypoints', name], { entrypoint: name })
          const feature = asPlugin(ownerOfFactory(factory), () => factory.create(options, scope))
          checkEntrypointFeature(feature, titleOfFactory(factory))
          return [{ owner: titleOfFactory(factory), feature }]
        } catch (error) {
          this.#site.refuse(['entrypoints', name], error, titleOfFactory(factory))
          return []
        }
      })
      this.#site.snapshot.features.set(name, made)
    }
  }

  #stageListeners(): void {
    const { entrypoints, listeners } = this.#blueprint
    const staged = this.#site.host.listeners.stage(
      [...entrypoints, ...listeners],
      ({ path, factory }, error) => this.#site.refuse(path, error, titleOfFactory(factory)),
    )
    this.#site.snapshot.listeners = staged
    this.#site.snapshot.holdings.defer(() => staged.discard())
  }

  #buildProviders(): void {
    const snapshot = this.#site.snapshot
    for (const { factory, options, syncTimeoutMs } of this.#blueprint.providers) {
      const { type } = factory
      const [owner, title] = [ownerOfFactory(factory), titleOfFactory(factory)]
      const main = this.#main
      const loads = factory.load !== undefined
      try {
        // With the same options another file may be meant.
        const folder = this.#blueprint.folderOf(['providers', type])
        const key = `provider:${type}:${folder}:${main?.file ?? ''}:${canonicalJson(options)}`
        const running = snapshot.holdings.keep(key, () => {
          const { providers, resources, log } = this.#site.host
          // It outlives the configuration for which it was made.
          const holdings = new Holdings(resources, log.child({ provider: type }))
          const scope = this.#site.scope(['providers', type], { provider: type }, { holdings })
          const provider = asPlugin(owner, () => factory.create(options, scope, main))
          checkProvider(provider, title)
          const run = { title, plugin: owner, holdings }
          const manner = loads ? { loads } : { syncTimeoutMs }
          return providers.prepare(type, provider, { ...run, ...manner })
        })
        snapshot.holdings.onActivate(() => asPlugin(owner, () => running.start()))
      } catch (error) {
        this.#site.refuse(['providers', type], error, title)
      }
    }
  }
}
