import type { Extension, JsonSchema } from '@gatewright/kernel'
import type { ExitCode } from '../exit-code.ts'
import type { Output } from '../output.ts'
import { UsageError } from '../usage-error.ts'
import { renderOptions, withoutTicks } from './option-list.ts'
import { describeOptions } from './option-table.ts'
import { unknown, withCatalogue } from './plugin-list.ts'

const dotted = /^[a-z][\w -]*(?:\.[\w-]+)+$/

/** True for `middleware.rate-limit.burst`, which is neither a URL nor a path. */
export function isOptionPath(text: string): boolean {
  return dotted.test(text)
}

/** Says what an option, or a type with all of its options, is for. */
export async function explainOption(
  what: string,
  config: string | undefined,
  output: Output,
): Promise<ExitCode> {
  const [kind = '', type = '', ...path] = what.split('.')
  return await withCatalogue(config, output, ({ extensions }) => {
    const kinds = [...new Set(extensions.map((one) => one.kind))]
    const ofKind = extensions.filter((one) => one.kind === kind)
    if (ofKind.length === 0) throw unknownKind(what, kinds, extensions)
    const found = ofKind.find((one) => one.type === type)
    if (found === undefined) {
      throw unknown(
        kind,
        type,
        ofKind.map((one) => one.type),
      )
    }
    const { schema = {}, plugin } = found
    if (path.length === 0) return showType(what, plugin, schema, output)
    const options = describeOptions(schema)
    const key = path.join('.')
    const option = options.find((one) => one.key.replaceAll('[]', '') === key)
    if (option === undefined) {
      throw unknown(
        `option of ${kind} "${type}"`,
        key,
        options.map((one) => one.key),
      )
    }
    if (output.json) return output.printJson({ kind, plugin, for: type, ...option })
    output.print(`${what}: ${withoutTicks(option.meaning)}`)
    output.print(`  type     ${withoutTicks(option.type)}`)
    output.print(`  default  ${withoutTicks(option.default)}`)
    output.print(`  of       ${plugin}`)
  })
}

/** Whoever has left out the kind is told which ones have such a type. */
function unknownKind(
  what: string,
  kinds: readonly string[],
  extensions: readonly Extension[],
): UsageError {
  const [first = ''] = what.split('.')
  const [meant] = extensions.filter(({ type }) => type === first)
  if (meant === undefined) return unknown('kind', first, kinds)
  return new UsageError(`unknown kind '${first}'\n(Did you mean ${meant.kind}.${what}?)`)
}

function showType(what: string, plugin: string, schema: JsonSchema, output: Output): void {
  if (output.json) {
    return output.printJson({ for: what, plugin, options: describeOptions(schema) })
  }
  const { description } = schema
  output.print(`${what}, of ${plugin}${description === undefined ? '' : `: ${description}`}`)
  output.print('')
  output.print(renderOptions(schema))
}
