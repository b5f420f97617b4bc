/**
 * What the readers of the different blocks share: validation against a schema, factories by type,
 * and the configuration as far as it has been understood.
 *
 * @module
 */

import { pick } from './block-schemas.ts'
import type { ConfigPath, ConfigProblem, Report } from './config.ts'
import { deprecatedIn } from './deprecated-options.ts'
import { type GatewayError, isGatewayError, problemOf } from './gateway-error.ts'
import { isRecord, type MergedConfig } from './merged-config.ts'
import { nearest } from './nearest.ts'
import type { AbsentPlugin, ExtensionKind } from './plugin.ts'
import type { PluginHost } from './plugin-host.ts'
import { findReferences, type Reference } from './references.ts'
import { ownerOfOption, type PluginRegistry } from './registry.ts'
import type { AnyOptions, JsonSchema, OptionsSchema } from './schema.ts'
import { whyNotCompiled } from './schema-flaw.ts'
import { type ConfigWarning, StandIns } from './stand-ins.ts'
import { whereToFind } from './unknown-type.ts'
import { validate } from './validation.ts'

/** Reads single blocks of one configuration; made anew for each. */
export class BlockReader {
  readonly host: PluginHost
  readonly merged: MergedConfig
  readonly report: Report
  /** What has been understood: blocks with their defaults, by section and name. */
  readonly config: Record<string, unknown> = Object.create(null)
  /** Every place that names another block. */
  readonly references: Reference[] = []
  /** Names of the plugins that the configuration uses. */
  readonly plugins: Set<string>
  /** Names of the plugins that the configuration lists by itself, and that are set up. */
  readonly listed: string[] = []
  /** What the configuration says that can hardly be meant, or will not be understood for ever. */
  readonly warnings: ConfigWarning[] = []
  /** For the types of optional plugins that are not there. */
  readonly standIns: StandIns = new StandIns((warning) => this.warnings.push(warning))

  /** Types whose plugin failed, or is left out, which has been reported. */
  readonly #unloadable = new Map<string, AbsentPlugin | undefined>()
  readonly #labelled = new Map<string, Readonly<Record<string, unknown>>>()

  constructor(host: PluginHost, merged: MergedConfig, report: Report) {
    this.host = host
    this.merged = merged
    this.report = report
    this.plugins = new Set(host.given)
  }

  /** The blocks of a section by label, as written. */
  labelled(section: string): Readonly<Record<string, unknown>> {
    const known = this.#labelled.get(section)
    if (known !== undefined) return known
    const value = this.merged.config[section] ?? {}
    const blocks = isRecord(value) ? value : {}
    this.#labelled.set(section, blocks)
    if (!isRecord(value)) {
      const message = `a "${section}" block needs a label`
      this.report({ path: [section], code: 'GW_CONFIG_LABEL', message })
    }
    return blocks
  }

  /**
   * Validates one block and records its references. `undefined` if it is of no use, which has been
   * reported then.
   */
  block(value: unknown, schema: object, path: ConfigPath): Record<string, unknown> | undefined {
    const options = this.value(value, schema, path)
    return isRecord(options) ? options : undefined
  }

  /** The same for what need not be a block. */
  value(value: unknown, schema: object, path: ConfigPath): unknown {
    const checked = this.#checked(schema, path, (report) =>
      this.merged.shape(value, schema, path, report),
    )
    if (checked !== undefined) this.references.push(...findReferences(schema, checked, path))
    return checked
  }

  /** Validates the top-level keys that a schema describes, and makes them part of the whole. */
  topLevel(schema: OptionsSchema<AnyOptions>): Readonly<Record<string, unknown>> {
    const given = pick(this.merged.config, schema)
    const options = this.#checked(schema, [], (report) => {
      for (const [key, value] of Object.entries(given)) {
        given[key] = this.merged.shape(value, schema.properties[key] ?? {}, [key], report)
      }
      return given
    })
    if (!isRecord(options)) return {}
    Object.assign(this.config, options)
    return options
  }

  /** Makes a validated block part of the configuration. */
  keep(section: string, name: string, options: Record<string, unknown>): void {
    const blocks: unknown = this.config[section] ?? Object.create(null)
    this.config[section] = blocks
    if (isRecord(blocks)) blocks[name] = options
  }

  /** The factory of a type, with its plugin marked as used. Reports an unknown type. */
  async factory<F extends { readonly type: string }>(
    kind: ExtensionKind,
    registry: PluginRegistry<F>,
    type: string,
    path: ConfigPath,
    noun: string = kind,
  ): Promise<F | undefined> {
    const factory = await this.find(kind, registry, type, path)
    if (factory !== undefined || this.hasFailed(kind, type)) return factory
    const known = this.host.knownTypes(kind, registry)
    if (this.isExcused(kind, type, path, known)) return undefined
    const suggestion = nearest(type, known)
    const rest =
      suggestion === undefined
        ? `; known: ${known.length === 0 ? 'none' : known.join(', ')}`
        : `; did you mean "${suggestion}"?`
    this.report({
      path,
      code: 'GW_UNKNOWN_TYPE',
      message: `unknown ${noun} "${type}"${rest}`,
      ...(suggestion !== undefined && { suggestion }),
      ...whereToFind(this, kind, type),
    })
    return undefined
  }

  /** The same without a report if there is no such type. */
  async find<F extends { readonly type: string }>(
    kind: ExtensionKind,
    registry: PluginRegistry<F>,
    type: string,
    path: ConfigPath,
  ): Promise<F | undefined> {
    try {
      const factory = await this.host.find(kind, type, registry)
      const plugin = registry.ownerOf(type)
      if (plugin !== undefined) this.use(plugin)
      return factory
    } catch (error) {
      this.#unloadable.set(`${kind} ${type}`, undefined)
      this.reportError(error, path)
      return undefined
    }
  }

  /** Loads what a type needs beside its own plugin, and marks that as used. */
  async addCompanions(kind: ExtensionKind, type: string, path: ConfigPath): Promise<void> {
    try {
      for (const name of await this.host.addCompanions(kind, type)) this.use(name)
    } catch (error) {
      this.reportError(error, path)
    }
  }

  /** True if the plugin of a type could not be loaded, which has been reported. */
  hasFailed(kind: ExtensionKind, type: string): boolean {
    return this.#unloadable.has(`${kind} ${type}`)
  }

  /** The plugin that is left out and has the type; `undefined` if that is not why it is missing. */
  absentFor(kind: ExtensionKind, type: string): AbsentPlugin | undefined {
    return this.#unloadable.get(`${kind} ${type}`)
  }

  /** True if a type that there is not belongs to a plugin that is left out; see {@link StandIns}. */
  isExcused(
    kind: ExtensionKind,
    type: string,
    path: ConfigPath,
    known?: readonly string[],
  ): boolean {
    const absent = this.standIns.excuse(kind, type, path, known)
    if (absent !== undefined) this.#unloadable.set(`${kind} ${type}`, absent)
    return absent !== undefined
  }

  /** Marks a plugin as used, and those that it requires. */
  use(plugin: string): void {
    this.plugins.add(plugin)
    for (const name of this.host.withRequired(plugin)) this.plugins.add(name)
  }

  /** Shapes and validates; what cannot be shaped is not validated. */
  #checked(schema: object, path: ConfigPath, shape: (report: Report) => unknown): unknown {
    const problems: ConfigProblem[] = []
    const collect: Report = (problem) => problems.push(problem)
    const shaped = shape(collect)
    const isSecret = (where: ConfigPath): boolean => this.merged.isSecret(where)
    let options: unknown
    try {
      if (problems.length === 0) options = validate(schema, shaped, path, collect, isSecret)
    } catch (error) {
      // Every schema here is a JSON Schema.
      const fault = whyNotCompiled(schema as JsonSchema, error)
      const owner = fault.schema === undefined ? undefined : ownerOfOption(fault.schema)
      const where = fault.option === undefined ? '' : `option "${fault.option}": `
      const message = `${owner ?? 'the plugin'} has a wrong "schema": ${where}${fault.problem}`
      collect({ path, code: 'GW_PLUGIN_SCHEMA_INVALID', message })
    }
    for (const problem of problems) this.report(problem)
    // Every schema here is a JSON Schema.
    this.warnings.push(...deprecatedIn(schema as JsonSchema, shaped, path))
    return problems.length === 0 ? options : undefined
  }

  reportError(error: unknown, path: ConfigPath): void {
    if (!isGatewayError(error)) {
      return this.report({ path, code: 'GW_INTERNAL', message: problemOf(error) })
    }
    const { code, message, problems } = error
    if (problems.length === 0) return this.report({ path, code, message, ...hintOf(error) })
    for (const problem of problems) {
      this.report({ ...problem, path: [...path, ...problem.path] })
    }
  }
}

/** A block that may still be wrapped in a list, to look at before its schema is known. */
export function unwrapped(block: unknown): Readonly<Record<string, unknown>> | undefined {
  const inner: unknown = Array.isArray(block) && block.length === 1 ? block[0] : block
  return isRecord(inner) ? inner : undefined
}

function hintOf(error: GatewayError): { hint?: string } {
  return error.hint === undefined ? {} : { hint: error.hint }
}
