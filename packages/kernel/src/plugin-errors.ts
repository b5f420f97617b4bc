/**
 * What may be wrong with a plugin, or with how it is used, before it does anything for an exchange.
 *
 * @module
 */
import type { ErrorKind } from './gateway-error.ts'

/** Part of the catalogue of the kernel. */
export const pluginKinds = {
  GW_PLUGIN_INVALID: {
    status: 500,
    source: 'config',
    message: (p: { found: string }) =>
      `expected a plugin with "name" and "setup", found ${p.found}`,
    hint: 'a plugin is what definePlugin({ name, setup }) returns, as the default export of its package',
  },
  GW_PLUGIN_DUPLICATE_NAME: {
    status: 500,
    source: 'config',
    message: (p: { name: string; labels?: readonly [string, string] }) =>
      p.labels === undefined
        ? `plugin "${p.name}" was given twice`
        : `plugins "${p.labels[0]}" and "${p.labels[1]}" have the same name, "${p.name}"`,
    hint: 'leave one of them out, or have it go by its label: rename = true in its "plugins" block',
  },
  GW_PLUGIN_DEPENDENCY_CYCLE: {
    status: 500,
    source: 'config',
    message: (p: { names: readonly string[] }) =>
      `plugins wait for each other: ${p.names.join(' → ')}`,
    hint: 'one of them must do without the next: see "requires" and "after" of these plugins',
  },
  GW_PLUGIN_MISSING: {
    status: 500,
    source: 'config',
    message: (p: { name: string; required: string }) =>
      `plugin "${p.name}" requires plugin "${p.required}", which is not there`,
    hint: 'add a "plugins" block for the plugin that is required',
  },
  GW_PLUGIN_UNAVAILABLE: {
    status: 503,
    source: 'gateway',
    publicMessage: 'Plugin unavailable',
    message: (p: { what: string; plugin: string }) =>
      `${p.what} needs plugin "${p.plugin}", which could not be loaded`,
    hint: 'the log says at the start why; remove "optional" to have it refuse the configuration',
  },
  GW_PLUGIN_STRAY_ERROR: {
    status: 500,
    source: 'gateway',
    message: (p: { plugin: string; problem: string }) =>
      `plugin "${p.plugin}" let an error go that nobody caught: ${p.problem}`,
    hint: 'the gateway goes on; the plugin should catch it, or listen to "error"',
  },
  GW_PLUGIN_FORBIDDEN: {
    status: 500,
    source: 'gateway',
    message: (p: { plugin: string; what: string }) =>
      `plugin "${p.plugin}" called ${p.what}; whether the process ends is not for a plugin to say`,
    hint: 'throw an error instead',
  },
  GW_PLUGIN_ALIAS: {
    status: 500,
    source: 'config',
    message: (p: { name: string; type: string; known: readonly string[] }) =>
      `"alias" renames "${p.type}", which plugin "${p.name}" does not register; ` +
      `it has ${p.known.length === 0 ? 'no types' : p.known.join(', ')}`,
    hint: 'write the name that the plugin gives on the left, the one that you want on the right',
  },
  GW_PLUGIN_MANIFEST_MISMATCH: {
    status: 500,
    source: 'config',
    message: (p: { name: string; problem: string }) =>
      `plugin "${p.name}" is not what "gatewright" in its package.json says: ${p.problem}`,
    hint: 'tell its author; ignore_compat = true in its "plugins" block uses it all the same',
  },
  GW_PLUGIN_SETUP_FAILED: {
    status: 500,
    source: 'config',
    message: (p: { name: string; problem: string }) => `plugin "${p.name}" failed: ${p.problem}`,
  },
  GW_PLUGIN_API_VERSION: {
    status: 500,
    source: 'config',
    message: (p: { name: string; version: number }) =>
      `plugin "${p.name}" needs plugin API ${p.version}; this kernel supports 1`,
    hint: 'install a version of the plugin for API 1, or a newer Gatewright',
  },
  GW_PLUGIN_SCHEMA_INVALID: {
    status: 500,
    source: 'config',
    message: (p: { owner: string; problem: string }) => `${p.owner} ${p.problem}`,
  },
  GW_PLUGIN_FACTORY_INVALID: {
    status: 500,
    source: 'config',
    message: (p: { what: string; problem: string }) => `${p.what} ${p.problem}`,
    hint: 'register what the function of its kind returns, such as defineMiddleware({ type, schema, create })',
  },
  GW_FIGURE_INVALID: {
    status: 500,
    source: 'config',
    message: (p: { type: string; plugin: string; problem: string }) =>
      `figure "${p.type}" of plugin "${p.plugin}" cannot be shown: ${p.problem}`,
  },
  GW_PLUGIN_NEEDS_RESTART: {
    status: 500,
    source: 'config',
    message: (p: { name: string }) =>
      `plugin "${p.name}" was set up with another source or other options; a reload cannot change them`,
    hint: 'restart the gateway to apply the change',
  },
  GW_PLUGIN_UNKNOWN_TAP: {
    status: 500,
    source: 'config',
    message: (p: { name: string; hook: string; before: string }) =>
      `"${p.name}" wants to stand before "${p.before}" on hook "${p.hook}", which nobody of that name has tapped`,
    hint: 'order taps by their stage',
  },
  GW_PLUGIN_LATE_TAP: {
    status: 500,
    source: 'gateway',
    message: (p: { name: string }) => `"${p.name}" tapped a hook after its set-up`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>
