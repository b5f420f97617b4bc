/**
 * How the packages of plugins are read, for tools.
 *
 * @module
 */
export {
  isPlugin,
  isRecord,
  type Manifest,
  type Package,
  packageAround,
  readManifest,
  textsIn,
} from './manifest.ts'
export { type ManifestRule, manifestRules, type Registered } from './manifest-rules.ts'
export { installCommand, installWords } from './package-manager.ts'
export { entryOf, findPackage, type PluginFile } from './plugin-source.ts'
