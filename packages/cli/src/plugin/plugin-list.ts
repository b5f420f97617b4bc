/**
 * `plugin list`, `plugin info` and `plugin why`: which plugins there are, and what each brings.
 *
 * @module
 */
import { relative } from 'node:path'
import { type Extension, nearest } from '@gatewright/kernel'
import { type Catalogue, type PluginSource, pluginPackage, readCatalogue } from '../catalogue.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { failureOf, reportFailure } from '../failure.ts'
import type { Output } from '../output.ts'
import { renderColumns } from '../table.ts'
import { UsageError } from '../usage-error.ts'
import { renderOptions } from './option-list.ts'

/** A plugin as `plugin list` shows it. */
interface ListedPlugin {
  readonly name: string
  /** Of npm; `null` for a local file. */
  readonly package: string | null
  readonly version: string | null
  /** The file that exports it; `null` for what comes with Gatewright. */
  readonly source: string | null
  /** Types by kind. */
  readonly provides: Readonly<Record<string, readonly string[]>>
}

/** Lists every plugin that is there. */
export async function listPlugins(config: string | undefined, output: Output): Promise<ExitCode> {
  return await withCatalogue(config, output, (catalogue) => {
    const plugins = [...new Set(catalogue.extensions.map(({ plugin }) => plugin))]
      .toSorted()
      .map((name) => describePlugin(name, catalogue))
    if (output.json) return output.printJson(plugins)
    const rows = plugins.map(({ name, version, source, provides }) => [
      name,
      version ?? '-',
      renderProvided(provides),
      source === null ? '-' : relative(process.cwd(), source),
    ])
    output.print(renderColumns(['name', 'version', 'provides', 'file'], rows))
  })
}

/** Says what one plugin brings, with all options. */
export async function showPlugin(
  name: string,
  config: string | undefined,
  output: Output,
): Promise<ExitCode> {
  return await withCatalogue(config, output, (catalogue) => {
    const known = [...new Set(catalogue.extensions.map(({ plugin }) => plugin))]
    const found = known.find((one) => one === name || shortName(one) === name)
    if (found === undefined) throw unknown('plugin', name, known)
    const extensions = catalogue.extensions.filter(({ plugin }) => plugin === found)
    const plugin = describePlugin(found, catalogue)
    if (output.json) {
      return output.printJson({ ...plugin, extensions: extensions.map(withoutPlugin) })
    }
    output.print(`${found}${plugin.version === null ? '' : ` ${plugin.version}`}`)
    if (plugin.source !== null) {
      const title = plugin.package === null ? '' : ` of the package ${plugin.package}`
      output.print(`from ${relative(process.cwd(), plugin.source)}${title}`)
    }
    for (const { kind, type, schema } of extensions) {
      output.print(`\n${kind} "${type}"${sentence(schema?.description)}`)
      if (schema !== undefined) output.print(renderOptions(schema))
    }
  })
}

/** Says which plugin has a type, and as what. */
export async function whyPlugin(
  type: string,
  config: string | undefined,
  output: Output,
): Promise<ExitCode> {
  return await withCatalogue(config, output, (catalogue) => {
    const found = catalogue.extensions.filter((one) => one.type === type)
    if (found.length === 0) {
      throw unknown(
        'type',
        type,
        catalogue.extensions.map((one) => one.type),
      )
    }
    const answers = found.map(({ kind, plugin }) => ({
      type,
      kind,
      plugin,
      because: reasonFor(plugin, catalogue.sources.get(plugin)),
    }))
    if (output.json) return output.printJson(answers)
    for (const { kind, plugin, because } of answers) {
      output.print(`${kind} "${type}" is of ${plugin}: ${because}`)
    }
  })
}

/** Reads what there is, and reports what goes wrong. */
export async function withCatalogue(
  config: string | undefined,
  output: Output,
  act: (catalogue: Catalogue) => void,
): Promise<ExitCode> {
  try {
    act(await readCatalogue(config, output))
    return exitCodes.ok
  } catch (error) {
    if (error instanceof UsageError) throw error
    return reportFailure(failureOf(error), output)
  }
}

/** The error for a name that is not there, with the nearest that is. */
export function unknown(noun: string, name: string, known: readonly string[]): UsageError {
  const suggestion = nearest(name, [...known, ...known.map(shortName)])
  return new UsageError(
    `unknown ${noun} '${name}'` +
      (suggestion === undefined ? '' : `\n(Did you mean ${suggestion}?)`),
  )
}

function reasonFor(name: string, source: PluginSource | undefined): string {
  const whenNamed = 'is loaded when a configuration names the type'
  if (source === undefined) return `it comes with Gatewright, and ${whenNamed}`
  const { file, isListed } = source
  if (isListed) return `the configuration lists it, from ${file}`
  const found = pluginPackage(name, file)
  const title = found === undefined ? 'it' : `${found.name}@${found.version}`
  return `the project depends upon ${title}, from ${file}, which ${whenNamed}`
}

function describePlugin(name: string, { extensions, sources }: Catalogue): ListedPlugin {
  const own = extensions.filter(({ plugin }) => plugin === name)
  const file = sources.get(name)?.file
  const found = pluginPackage(name, file)
  return {
    name,
    package: found?.name ?? null,
    version: found?.version ?? null,
    source: file ?? null,
    provides: typesByKind(own),
  }
}

function typesByKind(extensions: readonly Extension[]): Record<string, string[]> {
  const types: Record<string, string[]> = {}
  for (const { kind, type } of extensions) (types[kind] ??= []).push(type)
  return types
}

function renderProvided(provides: ListedPlugin['provides']): string {
  return Object.entries(provides)
    .map(([kind, types]) => `${kind} ${types.join(', ')}`)
    .join('; ')
}

function withoutPlugin({ plugin: _plugin, ...rest }: Extension): object {
  return rest
}

function shortName(name: string): string {
  return name.replace(/^@gatewright\/plugin-|^(?:@[^/]+\/)?gatewright-plugin-/, '')
}

function sentence(text: string | undefined): string {
  return text === undefined ? '' : `: ${text}`
}
