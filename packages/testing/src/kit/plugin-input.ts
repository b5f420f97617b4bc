import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Gateway, Plugin } from '@gatewright/kernel'

/** A plugin with options, as a `plugins "…" { config { … } }` block gives them. */
export interface PluginWithOptions {
  readonly plugin: Plugin
  readonly options: unknown
}

/** A plugin, one with options, or the file whose default export is one. */
export type PluginInput = Plugin | PluginWithOptions | string | URL

/** Gives the gateway all of them. */
export async function usePlugins(
  gateway: Gateway,
  inputs: readonly PluginInput[],
  baseDir: string,
): Promise<void> {
  for (const input of inputs) {
    if (typeof input === 'string' || input instanceof URL) {
      gateway.use(await load(input, baseDir))
    } else if ('plugin' in input) gateway.use<unknown>(input.plugin, input.options)
    else gateway.use(input)
  }
}

async function load(source: string | URL, baseDir: string): Promise<Plugin> {
  const path = source instanceof URL ? fileURLToPath(source) : source
  const module: { readonly default: Plugin } = await import(
    pathToFileURL(resolve(baseDir, path)).href
  )
  return module.default
}
