import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_PLUGIN_NOT_FOUND: {
    status: 500,
    source: 'config',
    message: (p: { source: string; tried: readonly string[] }) =>
      `plugin "${p.source}" was not found; looked for ${p.tried.join(', ')}`,
    hint: 'install the package beside the configuration file, or give its path in "source"',
  },
  GW_PLUGIN_NO_ENTRY: {
    status: 500,
    source: 'config',
    message: (p: { title: string; root: string; entry: string }) =>
      `plugin "${p.title}" is in ${p.root}, but ${p.entry}`,
    hint: 'build the package, or tell its author',
  },
  GW_PLUGIN_IMPORT_FAILED: {
    status: 500,
    source: 'config',
    message: (p: { source: string; problem: string; frame?: string | undefined }) =>
      `plugin "${p.source}" could not be loaded: ${p.problem}` +
      (p.frame === undefined ? '' : ` (at ${p.frame})`),
    hint: 'mend what its code does while it is loaded',
  },
  GW_PLUGIN_TYPESCRIPT: {
    status: 500,
    source: 'config',
    message: (p: { source: string; problem: string; frame?: string | undefined }) =>
      `plugin "${p.source}" is TypeScript that Node cannot run: ${p.problem}` +
      (p.frame === undefined ? '' : ` (at ${p.frame})`),
    hint: 'leave out enums, parameter properties and namespaces, which are not just types; or build it to JavaScript, and give that as "source"',
  },
  GW_PLUGIN_NO_DEFAULT_EXPORT: {
    status: 500,
    source: 'config',
    message: (p: { source: string; found: readonly string[] }) =>
      `plugin "${p.source}" has no default export; ` +
      (p.found.length === 0 ? 'it exports nothing' : `it exports ${p.found.join(', ')}`),
    hint: 'write "export default definePlugin({ … })"',
  },
  GW_PLUGIN_VERSION: {
    status: 500,
    source: 'config',
    message: (p: { source: string; wanted: string; found: string; root?: string }) =>
      `plugin "${p.source}" has version ${p.found}; the configuration wants ${p.wanted}` +
      (p.root === undefined ? '' : ` (it is in ${p.root})`),
    hint: 'install that version, or change "version"',
  },
  GW_PLUGIN_PEER: {
    status: 500,
    source: 'config',
    message: (p: { title: string; wanted: string; found: string }) =>
      `plugin "${p.title}" is for @gatewright/kernel ${p.wanted}; this one is ${p.found}`,
    hint: 'install a version of the plugin for this Gatewright; ignore_compat = true tries it all the same',
  },
  GW_PLUGIN_NODE: {
    status: 500,
    source: 'config',
    message: (p: { title: string; wanted: string; found: string }) =>
      `plugin "${p.title}" is for Node ${p.wanted}; this one is ${p.found}`,
    hint: 'run Gatewright with such a Node; ignore_compat = true tries it all the same',
  },
  GW_PLUGIN_DUPLICATE_KERNEL: {
    status: 500,
    source: 'config',
    message: (p: { title: string; own: string; other: string }) =>
      `plugin "${p.title}" brings a kernel of its own: ${p.other}; the gateway runs ${p.own}`,
    hint: 'the kernel is a peer dependency of a plugin, never a dependency: let both find the same one',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What can go wrong when a configuration lists a plugin. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
