/**
 * Gathers what the providers that a configuration names contribute to it.
 *
 * @module
 */
import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { BlockReader } from './block-reader.ts'
import type { ProviderPlan } from './blueprint.ts'
import type { ConfigPath, ConfigProblem } from './config.ts'
import { checkContribution, inParts } from './contribution.ts'
import { Contributions, type ProviderParts } from './contributions.ts'
import { type GatewayError, isGatewayError } from './gateway-error.ts'
import { type ConfigInput, isDocument, MergedConfig } from './merged-config.ts'
import { asPlugin } from './plugin-context.ts'
import type { PluginHost } from './plugin-host.ts'
import { readPlugins } from './plugin-reader.ts'
import { readProviders } from './provider-reader.ts'
import { refusalOf } from './refusal.ts'
import { ownerOfFactory, titleOfFactory } from './registry.ts'
import type { RunningProviders } from './running-providers.ts'
import { inTime } from './time-limit.ts'

/** How long a provider may take to load, and until it is told that it does, in milliseconds. */
const loadTimeoutMs = 60_000
const tellAfterMs = 3000

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
  /** Whether it is to be applied, and not only checked. */
  readonly counts: boolean
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
    contributions.push(await partsOf(plan, { main, folder, counts: lenient }, host))
  }
  return new Contributions(main, contributions, lenient)
}

async function partsOf(plan: ProviderPlan, place: Place, host: LoaderHost): Promise<ProviderParts> {
  const { factory } = plan
  const { type, precedence = 0 } = factory
  const from = { provider: type, precedence, inForce: host.providers.inForce(type) }
  if (factory.load !== undefined) return { ...from, ...(await loaded(plan, place, host)) }
  const latest = host.providers.latest(type)
  if (latest === undefined) return { ...from, parts: [] }
  const how = { title: titleOfFactory(factory), where: 'watch', strict: false } as const
  return { ...from, parts: inParts(latest, { ...how, source: sourceOf(type) }) }
}

type Loaded = Pick<ProviderParts, 'parts' | 'failure'>

async function loaded(plan: ProviderPlan, place: Place, host: LoaderHost): Promise<Loaded> {
  const { type } = plan.factory
  const inForce = host.providers.inForce(type)
  const source = sourceOf(type)
  // At its first try it has nothing that could stay: a mistake of its author is then refused.
  const strict = inForce.size === 0
  const how = { title: titleOfFactory(plan.factory), where: 'load', source, strict } as const
  const tally = place.counts ? host.providers.tallyOf(type) : undefined
  try {
    const parts = inParts(checkContribution(await load(plan, place, host), how), how)
    tally?.took(parts)
    return { parts }
  } catch (error) {
    const problems = problemsIn(error, plan, place.main)
    tally?.failed(problems)
    const parts = [...inForce].map(([known, input]) => ({ source: known, input }))
    const mistaken = isGatewayError(error) && error.code === 'GW_PLUGIN_BAD_RESULT'
    return { parts, failure: { source, problems, strict: strict && mistaken } }
  }
}

function sourceOf(type: string): string {
  return `provider "${type}"`
}

/** Why nothing was loaded, shown at the block, or at the option that the error names. */
function problemsIn(
  error: unknown,
  { factory }: ProviderPlan,
  main: ConfigInput,
): readonly ConfigProblem[] {
  const path = ['providers', factory.type]
  if (isGatewayError(error) && error.problems.length > 0) return error.problems
  const found = isGatewayError(error)
    ? [problemAt([...path, ...error.option], error)]
    : refusalOf(error, path, titleOfFactory(factory), 'load')
  if (!isDocument(main)) return found
  return found.map((problem) => main.place?.(problem) ?? problem)
}

function problemAt(
  path: ConfigPath,
  { code, message, hint }: Pick<GatewayError, 'code' | 'message' | 'hint'>,
): ConfigProblem {
  return { path, code, message, ...(hint !== undefined && { hint }) }
}

async function load(
  { factory, options }: ProviderPlan,
  { main, folder }: Place,
  { log, providers }: LoaderHost,
): Promise<unknown> {
  const { stopping } = providers
  const { type } = factory
  const given = new AbortController()
  const stopped = Promise.withResolvers<never>()
  const reason = new Error('the gateway stops')
  // Whoever stops it is not to blame.
  reason.stack = ''
  const stop = (): void => stopped.reject(reason)
  const context = {
    log: log.child({ provider: type }),
    main: isDocument(main) ? main : undefined,
    signal: given.signal,
    resolvePath: (path: string) => resolve(folder, path),
  }
  const longest = `${loadTimeoutMs / 1000} s`
  const patience = setTimeout(
    () => context.log.warn({ longest }, 'waiting for a provider to load'),
    tellAfterMs,
  ).unref()
  stopping.addEventListener('abort', stop)
  if (stopping.aborted) stop()
  try {
    const loading = (async () =>
      await asPlugin(ownerOfFactory(factory), () => factory.load?.(options, context)))()
    return await inTime(Promise.race([loading, stopped.promise]), loadTimeoutMs, tooSlow)
  } catch (error) {
    given.abort()
    throw error
  } finally {
    clearTimeout(patience)
    stopping.removeEventListener('abort', stop)
  }
}

function tooSlow(): Error {
  return new Error(`nothing was loaded within ${loadTimeoutMs / 1000} s`)
}

function ignore(): void {
  // Whatever is wrong is reported when the whole is read.
}
