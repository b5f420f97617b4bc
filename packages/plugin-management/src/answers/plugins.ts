import type { RunningGateway } from '@gatewright/kernel'

/** A plugin. */
export interface PluginAnswer {
  readonly name: string
  /** False if only an earlier configuration needed it. */
  readonly in_use: boolean
}

/** The plugins that are set up. */
export function pluginsOf({ plugins, snapshot }: RunningGateway): PluginAnswer[] {
  return plugins.map((name) => ({ name, in_use: snapshot.uses(name) }))
}
