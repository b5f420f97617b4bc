/**
 * Gathers what the providers that a configuration names contribute to it.
 *
 * @module
 */
import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { BlockReader } from './block-reader.ts'
import type { ProviderPlan } from './blueprint.ts'
import { Contributions, type ProviderParts } from './contributions.ts'
import { asGatewayError } from './errors.ts'
import { type ConfigInput, isDocument, MergedConfig } from './merged-config.ts'
import type { PluginHost } from './plugin-host.ts'
import { readPlugins } from './plugin-reader.ts'
import type { ConfigPart, Contribution } from './provider.ts'
import { readProviders } from './provider-reader.ts'
import type { RunningProviders } from './running-providers.ts'
import { inTime } from './time-limit.ts'

/** How long a provider may take to load, in milliseconds. */
const loadTimeoutMs = 60_000

/** What gathers contributions needs of the gateway. */
export interface LoaderHost {
  readonly plugins: PluginHost
  readonly providers: RunningProviders
  readonly log: Logger
  readonly baseDir: string
}

/** Where a provider's block stands. */
interface Place {
  readonly main: ConfigInput
  /** Where its relative paths begin. */
  readonly folder: string
}

/**
 * Asks those providers that can be asked, and takes the latest news of the others.
 * @param lenient Whether parts that are wrong may be left out.
 */
export async function gather(
  main: ConfigInput,
  host: LoaderHost,
  lenient: boolean,
): Promise<Contributions> {
  const fragments = [{ source: 'the configuration', input: main }]
  const merged = new MergedConfig(fragments, ignore, { baseDir: host.baseDir })
  if (merged.config['providers'] === undefined) return new Contributions(main, [], lenient)
  const reader = new BlockReader(host.plugins, merged, ignore)
  await readPlugins(reader)
  const plans = await readProviders(reader)
  const contributions: ProviderParts[] = []
  for (const plan of plans) {
    const folder = merged.folderOf(['providers', plan.factory.type])
    contributions.push(await partsOf(plan, { main, folder }, host))
  }
  return new Contributions(main, contributions, lenient)
}

async function partsOf(plan: ProviderPlan, place: Place, host: LoaderHost): Promise<ProviderParts> {
  const { type, precedence = 0 } = plan.factory
  const inForce = host.providers.inForce(type)
  const source = `provider "${type}"`
  const latest = await latestOf(plan, place, host).catch((error: unknown): ConfigPart[] => [
    ...[...inForce].map(([known, input]) => ({ source: known, input })),
    { source, input: asGatewayError(error) },
  ])
  return { provider: type, precedence, inForce, parts: inParts(latest, source) }
}

function inParts(latest: Contribution | undefined, source: string): readonly ConfigPart[] {
  if (latest === undefined) return []
  return isList(latest) ? latest : [{ source, input: latest }]
}

function isList(value: Contribution): value is readonly ConfigPart[] {
  return Array.isArray(value)
}

async function latestOf(
  { factory, options }: ProviderPlan,
  { main, folder }: Place,
  { providers, log }: LoaderHost,
): Promise<Contribution | undefined> {
  const { type } = factory
  if (factory.load === undefined) return providers.latest(type)
  const context = {
    log: log.child({ provider: type }),
    main: isDocument(main) ? main : undefined,
    resolvePath: (path: string) => resolve(folder, path),
  }
  const loading = Promise.resolve(factory.load(options, context))
  return await inTime(loading, loadTimeoutMs, tooSlow)
}

function tooSlow(): Error {
  return new Error(`nothing was loaded within ${loadTimeoutMs / 1000} s`)
}

function ignore(): void {
  // Whatever is wrong is reported when the whole is read.
}
