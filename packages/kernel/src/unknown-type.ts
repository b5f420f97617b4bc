/**
 * Where a type may be that no plugin has registered.
 *
 * @module
 */
import type { ExtensionKind } from './plugin.ts'
import type { PluginHost } from './plugin-host.ts'

/** What was read so far. */
interface Known {
  readonly host: PluginHost
  /** Names of the plugins that the configuration lists. */
  readonly listed: readonly string[]
}

/** The hint of an unknown type, if there is anything to say. */
export function whereToFind(known: Known, kind: ExtensionKind, type: string): { hint?: string } {
  const hint = known.host.loader?.hintFor?.(kind, type) ?? idleHint(known, kind, type)
  return hint === undefined ? {} : { hint }
}

/** A plugin that is listed and has nothing of the kind: its author may have forgotten to register. */
function idleHint({ host, listed }: Known, kind: ExtensionKind, type: string): string | undefined {
  const idle = listed.filter((name) => host.registeredBy(name).every((one) => one.kind !== kind))
  const isMeant = (name: string): boolean => name === type || name.endsWith(`plugin-${type}`)
  const meant = idle.find(isMeant) ?? idle.find((name) => host.registeredBy(name).length === 0)
  if (meant === undefined) return undefined
  const has = host.registeredBy(meant).map((one) => `${one.kind ?? 'something'} "${one.type}"`)
  return has.length === 0
    ? `plugin "${meant}" is listed and registers nothing: does its "setup" call register?`
    : `plugin "${meant}" is listed and registers ${has.join(', ')}, and no ${kind}`
}
