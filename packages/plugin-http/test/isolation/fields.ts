import { sameLines } from './message.ts'
import { chunked } from './message-reader.ts'

/** Value of a field, from lines `name: value`. */
export function fieldOf(fields: readonly string[], name: string): string | undefined {
  const start = `${name}:`
  return fields
    .find((line) => line.toLowerCase().startsWith(start))
    ?.slice(start.length)
    .trim()
}

/**
 * Throws unless the lines `x-p…` are those expected and all others are known.
 * @param known Names and what their values may be.
 */
export function checkFields(
  fields: readonly string[],
  expected: readonly string[],
  known: ReadonlyMap<string, RegExp>,
): void {
  sameLines(
    fields.filter((line) => line.startsWith('x-p')),
    expected,
  )
  for (const line of fields) {
    const [, name = '', value = ''] = /^([^:]+): ?(.*)$/.exec(line) ?? []
    if (name.startsWith('x-p')) continue
    if (known.get(name.toLowerCase())?.test(value) !== true)
      throw new Error(`unknown field ${line}`)
  }
}

/** How the message with these fields is framed. @param otherwise If they do not say. */
export function framingOf(fields: readonly string[], otherwise: number): number {
  if (fieldOf(fields, 'transfer-encoding') !== undefined) return chunked
  const length = fieldOf(fields, 'content-length')
  return length === undefined ? otherwise : Number(length)
}
