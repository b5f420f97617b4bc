import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonSchema } from '@gatewright/kernel'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { Output } from '../output.ts'
import { renderOptionTable } from './option-table.ts'
import { type LoadedPlugin, readPluginPackage } from './plugin-package.ts'

const open = '<!-- gatewright:options -->'
const close = '<!-- /gatewright:options -->'

/**
 * Writes the options of a plugin into its README, between two comments. With `check` it writes
 * nothing, and ends with 1 if it would.
 */
export async function writePluginDocs(
  path: string,
  check: boolean,
  output: Output,
): Promise<ExitCode> {
  const { folder, plugin } = await readPluginPackage(path, 'sources')
  if ('problem' in plugin) return fail(output, `the plugin cannot be loaded: ${plugin.problem}`)
  const file = join(folder, 'README.md')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const [before, inside, after] = split(text)
  const described = describe(plugin)
  if (inside === undefined && described.length > 0) {
    return fail(output, `${file} has no place for the options; add two lines:\n${open}\n${close}`)
  }
  const updated =
    inside === undefined ? text : `${before}${open}\n${render(described)}\n${close}${after}`
  if (withoutPadding(updated) === withoutPadding(text)) {
    output.print(`${file} says what the plugin does`)
    return exitCodes.ok
  }
  if (check) return fail(output, `${file} is old; run "gatewright plugin docs"`)
  writeFileSync(file, updated)
  output.print(`wrote the options into ${file}`)
  return exitCodes.ok
}

function split(text: string): [before: string, inside?: string, after?: string] {
  const from = text.indexOf(open)
  const to = text.indexOf(close, from)
  if (from < 0 || to < 0) return [text]
  return [text.slice(0, from), text.slice(from, to), text.slice(to + close.length)]
}

/** Something that takes options. */
interface Described {
  readonly kind: string
  readonly type: string
  readonly schema: JsonSchema
}

/** The plugin itself comes first. */
function describe({ name, schema: own, extensions }: LoadedPlugin): readonly Described[] {
  return [{ kind: 'plugin', type: name, schema: own }, ...extensions].flatMap(
    ({ kind, type, schema }) => (schema === undefined ? [] : [{ kind, type, schema }]),
  )
}

/** A table, or one for each of what the plugin brings. */
function render(described: readonly Described[]): string {
  const [only] = described
  if (only === undefined) return 'There are no options.'
  if (described.length === 1) return renderOptionTable(only.schema)
  return described
    .map(({ kind, type, schema }) => `### ${kind} \`${type}\`\n\n${renderOptionTable(schema)}`)
    .join('\n\n')
}

/** Tools that format Markdown make the columns of tables equally wide. */
function withoutPadding(text: string): string {
  return text.replaceAll(/^\|.*\|$/gm, (row) =>
    row.replaceAll(/ *(?<!\\)\| */g, '|').replaceAll(/-{3,}(?=[|:])/g, '---'),
  )
}

function fail(output: Output, problem: string): ExitCode {
  output.complain(`error: ${problem}`)
  return exitCodes.failed
}
