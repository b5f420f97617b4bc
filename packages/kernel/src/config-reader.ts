/**
 * Understands a configuration: loads the plugins that it names, checks every block against the
 * schema of its factory, resolves every reference. Goes on after a problem, to find them all.
 *
 * @module
 */
import { relative } from 'node:path'
import { bareSchemesOf } from './bare-schemes.ts'
import { BlockReader } from './block-reader.ts'
import { ownSections } from './block-schemas.ts'
import { blockTextsOf, hashOf } from './block-texts.ts'
import type { Blueprint, SectionPlan } from './blueprint.ts'
import { deepFreeze } from './canonical.ts'
import type { ConfigPath, GatewayConfig, Report } from './config.ts'
import { checkAddresses, readEntrypoint, readOwnListeners } from './entrypoint-reader.ts'
import type { MergedConfig } from './merged-config.ts'
import { readMiddleware } from './middleware-reader.ts'
import type { PluginHost } from './plugin-host.ts'
import { readPlugins } from './plugin-reader.ts'
import { readProviders } from './provider-reader.ts'
import { checkReferences, dependenciesOf, signaturesOf } from './references.ts'
import { checkDatagramRouters, checkRouterKinds, readRouter, readRouting } from './router-reader.ts'
import { readTopLevel } from './section-reader.ts'
import { readService } from './service-reader.ts'

/** The result is of use only if nothing was reported. */
export async function readConfig(
  host: PluginHost,
  merged: MergedConfig,
  report: Report,
): Promise<Blueprint> {
  const reader = new BlockReader(host, merged, report)
  for (const section of ownSections) reader.config[section] = Object.create(null)
  await readPlugins(reader)
  const routing = await readRouting(reader)
  const sections = await readTopLevel(reader, routing)
  const entrypoints = await readEach(reader, 'entrypoints', readEntrypoint)
  const listeners = readOwnListeners(reader, sections)
  const bareSchemes = bareSchemesOf(reader, entrypoints)
  const services = await readEach(reader, 'services', (_, name, block) =>
    readService(reader, name, block, bareSchemes.get(name)),
  )
  const middlewares = await readEach(reader, 'middlewares', readMiddleware)
  const routers = await readEach(reader, 'routers', (_, name, block) =>
    readRouter(reader, name, block, entrypoints),
  )
  const providers = await readProviders(reader)
  checkAddresses([...entrypoints, ...listeners], report)
  checkRouterKinds(reader, routers, entrypoints)
  checkDatagramRouters(reader, routers, entrypoints)
  checkReferences(reader.references, namesOf(reader), report)
  const { absent } = reader.standIns
  // Those whose entrypoints are left out.
  const reachable = routers.filter(({ entrypoints: on }) => absent.length === 0 || on.length > 0)
  // Every part was put in by the readers above.
  const config = deepFreeze(reader.config) as unknown as GatewayConfig
  const dependencies = dependenciesOf(reachable, reader.references)
  const texts = blockTextsOf(config, labelledSections(sections, host), whereFrom(config, merged))
  return {
    config,
    plugins: reader.plugins,
    entrypoints,
    listeners,
    middlewares,
    services,
    routers: reachable,
    routing,
    sections,
    providers,
    texts,
    // Once the plugin is there, the same text means something else.
    hash: hashOf(texts, absent),
    warnings: reader.warnings,
    dependencies,
    signatures: signaturesOf(texts, dependencies),
    folderOf: (path) => merged.folderOf(path),
    isSecret: (path) => merged.isSecret(path),
  }
}

function labelledSections(sections: readonly SectionPlan[], { loader }: PluginHost): Set<string> {
  const labelled = sections.filter(({ label }) => label !== undefined)
  return new Set([...labelled.map(({ section }) => section.type), ...(loader?.keys ?? [])])
}

/** Tells where a block of a provider came from, if its relative paths begin elsewhere for it. */
function whereFrom(
  { providers }: GatewayConfig,
  merged: MergedConfig,
): (path: ConfigPath) => string {
  const [type] = Object.keys(providers)
  if (type === undefined) return () => ''
  const home = merged.folderOf(['providers', type])
  return (path) => {
    const folder = merged.folderOf(path)
    return folder === home ? '' : ` in ${relative(home, folder)}`
  }
}

async function readEach<T>(
  reader: BlockReader,
  section: string,
  read: (
    reader: BlockReader,
    name: string,
    block: unknown,
  ) => T | undefined | Promise<T | undefined>,
): Promise<T[]> {
  const plans: T[] = []
  for (const [name, block] of Object.entries(reader.labelled(section))) {
    const plan = await read(reader, name, block)
    if (plan !== undefined) plans.push(plan)
  }
  return plans
}

function namesOf(reader: BlockReader): Parameters<typeof checkReferences>[1] {
  return {
    service: Object.keys(reader.labelled('services')),
    middleware: Object.keys(reader.labelled('middlewares')),
    entrypoint: Object.keys(reader.labelled('entrypoints')),
  }
}
