/**
 * `file` in `providers`: reads configuration from a folder of files, and follows every change of
 * them and of the main file.
 *
 * @module
 */
import { definePlugin, type Plugin } from '@gatewright/kernel'
import { createFileProvider, type FileProviderSettings } from './file-provider.ts'

export { ConfigWatcher, type WatchedConfig } from './config-watcher.ts'
export { createFileProvider, type FileProviderSettings } from './file-provider.ts'
export { type FileOptions, fileOptionsOf } from './options.ts'

/** The plugin for programs that do a part of its work themselves. */
export function createFilePlugin(settings: FileProviderSettings = {}): Plugin<undefined> {
  return definePlugin({
    name: '@gatewright/plugin-provider-file',
    setup(gateway) {
      gateway.providers.register(createFileProvider(settings))
    },
  })
}

export default createFilePlugin()
