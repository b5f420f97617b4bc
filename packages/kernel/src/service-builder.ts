/**
 * Makes the services of a snapshot.
 *
 * @module
 */
import type { ServicePlan } from './blueprint.ts'
import type { BuildSite } from './build-site.ts'
import { LivePool } from './endpoint-pool.ts'
import { LiveService } from './live-service.ts'
import { checkBalancer, checkFeature, checkTransport } from './made.ts'
import type { NamedFeature } from './named-feature.ts'
import { type PlacedType, phasesOfFeature } from './pipeline.ts'
import { type PluginRegistry, titleOfFactory } from './registry.ts'
import type { AnyTransport } from './service.ts'

/** The first half: every service is there before the first of them asks for another one. */
export function beginService({ host, snapshot }: BuildSite, { name, targets }: ServicePlan): void {
  const log = host.log.child({ service: name })
  const pool = new LivePool(name, snapshot.holdings, (error) =>
    log.error({ err: error }, 'following the endpoints failed'),
  )
  pool.fill(targets)
  snapshot.holdings.onActivate(() => pool.activate())
  snapshot.holdings.defer(() => pool.close())
  const service = new LiveService(name, pool, host.hooks, (error, owner, where) =>
    log.error({ owner, where, err: error }, 'learning from an attempt failed'),
  )
  snapshot.services.set(name, service)
}

/** The second half: strategy, transports, features. */
export async function completeService(site: BuildSite, plan: ServicePlan): Promise<void> {
  const { name } = plan
  const service = site.snapshot.services.get(name)
  if (service === undefined) return
  const scope = site.scope(['services', name], { service: name })
  const path = ['services', name, 'load_balancer']
  const { factory, options } = plan.balancer
  const balancer = await site.create(
    path,
    factory,
    () => factory.create(options, scope),
    (value) => checkBalancer(value, titleOfFactory(factory)),
  )
  const transports = new Map<string, AnyTransport>()
  for (const planned of plan.transports) {
    const { schemes } = planned.factory
    const made = await site.create(
      path,
      planned.factory,
      () => planned.factory.create(planned.options, service, scope),
      (value) => checkTransport(value, titleOfFactory(planned.factory)),
    )
    if (made === undefined) continue
    for (const scheme of schemes) transports.set(scheme, made.value)
  }
  const features: NamedFeature[] = []
  for (const planned of plan.features) {
    const { type, parent } = planned.factory
    const where = parent === 'service' ? ['services', name, type] : [...path, type]
    const made = await site.create(
      where,
      planned.factory,
      () => planned.factory.create(planned.options, service, scope),
      (value) => checkFeature(value, titleOfFactory(planned.factory)),
    )
    if (made === undefined) continue
    const plugin = site.host.plugins.serviceFeatures.ownerOf(type)
    const step = site.observed({ kind: 'service feature', name, type, plugin, phase: 'around' })
    const owner = titleOfFactory(planned.factory)
    features.push({ name: type, owner, feature: made.value, step })
  }
  notePipeline(site, plan, features)
  if (balancer === undefined) return
  const strategy = { owner: titleOfFactory(factory), balancer: balancer.value }
  service.complete(strategy, transports, features)
}

function notePipeline(
  { host: { plugins }, snapshot }: BuildSite,
  { name, balancer, transports, features }: ServicePlan,
  made: readonly NamedFeature[],
): void {
  snapshot.servicePipelines.set(name, {
    service: name,
    features: made.map(({ name: type, feature }) => ({
      ...placed(plugins.serviceFeatures, type),
      name: type,
      phases: phasesOfFeature(feature),
      stage: features.find(({ factory }) => factory.type === type)?.factory.stage ?? 0,
    })),
    balancer: placed(plugins.balancers, balancer.factory.type),
    transports: transports.map(({ factory }) => placed(plugins.transports, factory.type)),
  })
}

function placed(
  registry: Pick<PluginRegistry<{ readonly type: string }>, 'ownerOf'>,
  type: string,
): PlacedType {
  return { type, plugin: registry.ownerOf(type) ?? 'unknown' }
}
