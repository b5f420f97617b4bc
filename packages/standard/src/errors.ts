import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_PLUGIN_NOT_FOUND: {
    status: 500,
    source: 'config',
    message: (p: { source: string; tried: readonly string[] }) =>
      `plugin "${p.source}" was not found; looked for ${p.tried.join(', ')}`,
    hint: 'install the package beside the configuration file, or give its path in "source"',
  },
  GW_PLUGIN_IMPORT_FAILED: {
    status: 500,
    source: 'config',
    message: (p: { source: string; problem: string }) =>
      `plugin "${p.source}" could not be loaded: ${p.problem}`,
  },
  GW_PLUGIN_NO_DEFAULT_EXPORT: {
    status: 500,
    source: 'config',
    message: (p: { source: string; found: readonly string[] }) =>
      `plugin "${p.source}" has no plugin as its default export; ` +
      (p.found.length === 0 ? 'it exports nothing' : `it exports ${p.found.join(', ')}`),
    hint: 'write "export default definePlugin({ … })"',
  },
  GW_PLUGIN_VERSION: {
    status: 500,
    source: 'config',
    message: (p: { source: string; wanted: string; found: string }) =>
      `plugin "${p.source}" has version ${p.found}; the configuration wants ${p.wanted}`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What can go wrong when a configuration lists a plugin. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
