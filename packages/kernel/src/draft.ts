/**
 * Configurations that were read, and read again without the parts that are to blame.
 *
 * @module
 */
import type { Logger } from 'pino'
import type { Blueprint } from './blueprint.ts'
import type { ConfigProblem, Report } from './config.ts'
import { readConfig } from './config-reader.ts'
import type { Contributions, FoundProblem, Part } from './contributions.ts'
import { errors } from './errors.ts'
import type { GatewayError } from './gateway-error.ts'
import type { HookRunner } from './hook-runner.ts'
import { type ConfigInput, isDocument, MergedConfig } from './merged-config.ts'
import type { PluginHost } from './plugin-host.ts'
import { gather } from './provider-loader.ts'
import { missingIn } from './references.ts'
import type { RunningProviders } from './running-providers.ts'

/** What reading needs of the gateway. */
export interface DraftHost {
  readonly plugins: PluginHost
  readonly hooks: HookRunner
  readonly providers: RunningProviders
  readonly log: Logger
  /** Where relative paths begin in what is no file. */
  readonly baseDir: string
}

/** A configuration that was read, with what is wrong with it. */
export interface Draft {
  readonly contributions: Contributions
  readonly merged: MergedConfig<Part>
  readonly blueprint: Blueprint
  readonly found: readonly FoundProblem[]
  /** For what shows only when it is built. */
  readonly report: Report
}

/**
 * Reads a configuration with what providers contribute.
 * @param lenient Whether parts that are wrong may be left out.
 */
export async function createDraft(
  main: ConfigInput,
  host: DraftHost,
  lenient: boolean,
): Promise<Draft> {
  return await settle(await gather(main, host, lenient), host)
}

/** The same without the parts that are to blame; `undefined` if none of them may be left out. */
export async function reviseDraft(
  { contributions, found }: Draft,
  host: DraftHost,
): Promise<Draft | undefined> {
  return contributions.leaveOut(found) ? await settle(contributions, host) : undefined
}

/** Everything that is wrong: first what made parts stay out, since the rest may follow from it. */
export function problemsOf({ contributions, found }: Draft): ConfigProblem[] {
  const refused = contributions.parts.flatMap(({ problems }) => problems)
  const unique = [...new Set([...refused, ...found.map(({ problem }) => problem)])]
  // What a provider would have is unknown as long as it has nothing to say.
  const isSilent =
    found.some(({ problem }) => isOfProvider(problem)) ||
    contributions.parts.some(
      (part) => part.standIn === 'nothing' && part.problems.some(isOfProvider),
    )
  return isSilent ? unique.filter((problem) => !mayBeFromProvider(problem)) : unique
}

function isOfProvider({ path }: ConfigProblem): boolean {
  return path[0] === 'providers'
}

/** What is a slip of the pen has a suggestion. */
function mayBeFromProvider({ code, suggestion }: ConfigProblem): boolean {
  return code === 'GW_UNKNOWN_REFERENCE' && suggestion === undefined
}

/** The error of a draft that is of no use. */
export function refusalOf(draft: Draft): GatewayError {
  const problems = problemsOf(draft)
  const [first] = problems
  const where = first === undefined ? '' : `${first.path.join('.')}: `
  const params = { count: problems.length, first: `${where}${first?.message ?? 'unknown'}` }
  return errors.GW_CONFIG_INVALID(params, { problems })
}

async function settle(contributions: Contributions, host: DraftHost): Promise<Draft> {
  for (;;) {
    const draft = await read(contributions, host)
    if (draft.found.length === 0 || !contributions.leaveOut(draft.found)) return draft
  }
}

async function read(contributions: Contributions, host: DraftHost): Promise<Draft> {
  const found = contributions.unread()
  const add = (problem: ConfigProblem, part: Part): void => {
    const placed = placeOf(problem, part)
    if (placed !== undefined) found.push({ part, problem: placed, missing: missingIn(problem) })
  }
  const merged = new MergedConfig(contributions.fragments(), add, { baseDir: host.baseDir })
  contributions.shadowed = merged.shadowed
  const report = (problem: ConfigProblem): void =>
    add(problem, merged.ownerOf(problem.path) ?? contributions.main)
  const { plugins, hooks } = host
  const [taps, known] = [hooks.configTaps, plugins.names().length]
  merged.replace(await hooks.config(merged.config))
  const blueprint = await readConfig(plugins, merged, report)
  // Plugins that came with this configuration have a say in it as well; taps of those that failed
  // stay, and do nothing.
  const joined = plugins.names().length > known && hooks.configTaps > taps
  if (joined) return await read(contributions, host)
  return { contributions, merged, blueprint, found, report }
}

function placeOf(problem: ConfigProblem, { input }: Part): ConfigProblem | undefined {
  return isDocument(input) && input.place !== undefined ? input.place(problem) : problem
}
