import type { PluginLoader } from '@gatewright/kernel'
import { createFilePlugin } from '@gatewright/plugin-provider-file'

/**
 * Makes a loader have a provider of files that only reads: the command watches them, for all of its
 * processes.
 */
export function withReadOnlyFiles(loader: PluginLoader, allowMissingEnv: boolean): PluginLoader {
  const plugin = createFilePlugin({ watches: false, allowMissingEnv })
  return {
    keys: loader.keys,
    listed: (config, report) => loader.listed(config, report),
    find: (kind, type) =>
      kind === 'provider' && type === 'file' ? plugin : loader.find(kind, type),
    companions: (kind, type) => loader.companions(kind, type),
    named: (name) => loader.named?.(name),
    originOf: (found) => loader.originOf?.(found),
    ownerOf: (file) => loader.ownerOf?.(file),
    types: (kind) => loader.types(kind),
  }
}
