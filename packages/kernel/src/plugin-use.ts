/**
 * A plugin as it is used here, and what may be wrong with it.
 *
 * @module
 */
import { atPlaceOf } from './author-place.ts'
import { canonicalJson } from './canonical.ts'
import type { ConfigProblem } from './config.ts'
import { errors } from './errors.ts'
import { type GatewayError, isGatewayError, problemOf } from './gateway-error.ts'
import type { ExtensionKind, ListedPlugin, Plugin, PluginLoader, PluginOrigin } from './plugin.ts'
import type { SetUp } from './set-up.ts'
import { validateOptions } from './validation.ts'

/** How long one `setup` may take unless its block says something else, in milliseconds. */
export const defaultTimeoutMs = 10_000

/** A plugin with the options of its set-up. */
export interface PluginUse {
  readonly plugin: Plugin
  readonly options: unknown
  /** What it was loaded from; `undefined` if the program gave it. */
  readonly source?: string
  /** What the configuration says of it besides. */
  readonly listed?: Pick<ListedPlugin, 'alias' | 'ignoresCompat' | 'timeoutMs'>
}

/** GW_PLUGIN_TIMEOUT for a set-up. */
export function tooSlow(title: string, timeoutMs: number): GatewayError {
  const params = { owner: `plugin "${title}"`, where: 'its set-up', timeoutMs }
  const hint =
    'a set-up only registers, and does not wait for others; ' +
    'if it has to, give it more time: timeout = "30s" in its "plugins" block'
  return errors.GW_PLUGIN_TIMEOUT(params, { hint })
}

/** GW_PLUGIN_MISSING, with what to add. */
export function missing(name: string, required: string): GatewayError {
  const label = required.replace(/^.*gatewright-plugin-|^@gatewright\/plugin-/, '')
  const hint = `install it, and add: plugins "${label}" { source = "${required}" }`
  return errors.GW_PLUGIN_MISSING({ name, required }, { hint })
}

/** What a plugin is called in messages. */
export function titleIn(origin: PluginOrigin | undefined, name: string): string {
  return origin === undefined ? name : origin.title
}

/** Throws GW_PLUGIN_ALIAS for another name of something that is not there. */
export function checkAlias(setUp: SetUp): void {
  const known = setUp.types()
  for (const type of Object.keys(setUp.alias)) {
    if (!known.includes(type)) throw errors.GW_PLUGIN_ALIAS({ name: setUp.plugin, type, known })
  }
}

/** What a package says of its plugin that is not so. */
export function mismatchOf(
  { apiVersion = 1 }: Plugin,
  setUp: SetUp,
  { provides, apiVersion: named = apiVersion }: PluginOrigin,
): string | undefined {
  if (named !== apiVersion) return `apiVersion is ${named} there and ${apiVersion} in the plugin`
  if (provides === undefined) return undefined
  const surplus = setUp.registered.find(
    ({ kind, own }) => kind !== undefined && provides[kind]?.includes(own) !== true,
  )
  if (surplus !== undefined) {
    return `it registers ${surplus.kind} "${surplus.own}", which "provides" leaves out`
  }
  return undefined
}

/** The options with their defaults. Throws GW_PLUGIN_SETUP_FAILED. */
export function optionsOf({ plugin, options }: PluginUse): unknown {
  if (plugin.schema !== undefined) {
    try {
      return validateOptions(plugin.schema, options)
    } catch (error) {
      throw setUpFailure(plugin.name, error)
    }
  }
  if (options === undefined) return undefined
  throw setUpFailure(plugin.name, new Error('it takes no options'))
}

/** What a set-up threw, as an error that names the plugin; an error of a catalogue passes as it is. */
export function setUpFailure(name: string, error: unknown): GatewayError {
  if (isGatewayError(error) && error.code !== 'GW_INVALID_OPTIONS') return error
  const problems: readonly ConfigProblem[] = isGatewayError(error) ? error.problems : []
  const place = isGatewayError(error) ? '' : atPlaceOf(error)
  const params = { name, problem: problemOf(error) + place }
  return errors.GW_PLUGIN_SETUP_FAILED(params, { cause: error, problems })
}

/** Differs if anything differs that a set-up has consumed. */
export function identityOf({ options, source, listed }: PluginUse): string {
  return canonicalJson([source ?? null, options ?? null, listed?.alias ?? null])
}

/** What a loader has for a type. What cannot be loaded takes nothing from anybody. */
export async function tryFind(
  loader: PluginLoader | undefined,
  kind: ExtensionKind,
  type: string,
): Promise<Plugin | undefined> {
  try {
    return await loader?.find(kind, type)
  } catch {
    return undefined
  }
}
