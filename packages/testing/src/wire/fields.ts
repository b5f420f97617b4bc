import { errors } from '../errors.ts'

/** Header fields as a test writes them: a record, where a list repeats the name, or pairs in order. */
export type FieldsInit =
  | Readonly<Record<string, string | readonly string[]>>
  | readonly (readonly [name: string, value: string])[]

/** Name, value, name, value, …, in order and with the case given. */
export function flatFields(init: FieldsInit): string[] {
  if (isPairs(init)) return init.flat()
  return Object.entries(init).flatMap(([name, values]) =>
    typeof values === 'string' ? [name, values] : values.flatMap((value) => [name, value]),
  )
}

/** Values by lower-case name; those of a repeated name are joined with `", "`. */
export function fieldRecord(flat: readonly string[]): Record<string, string> {
  const record = new Map<string, string>()
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] ?? '').toLowerCase()
    const value = flat[i + 1] ?? ''
    const before = record.get(name)
    record.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(record)
}

/** Every value of a name, in order, unjoined. */
export function fieldValues(flat: readonly string[], name: string): string[] {
  return flat.filter((_, i) => i % 2 === 1 && flat[i - 1]?.toLowerCase() === name.toLowerCase())
}

/** The same with the content type of JSON, unless there is one. */
export function withJsonType(init: FieldsInit): FieldsInit {
  const pairs = isPairs(init) ? init : Object.entries(init)
  if (pairs.some(([name]) => name.toLowerCase() === 'content-type')) return init
  return isPairs(init)
    ? [...init, ['content-type', 'application/json']]
    : { ...init, 'content-type': 'application/json' }
}

/** The lines of a field section, each with its CRLF. Writes what it is given, valid or not. */
export function fieldLines(flat: readonly string[]): string {
  let lines = ''
  for (let i = 0; i < flat.length; i += 2) lines += `${flat[i]}: ${flat[i + 1]}\r\n`
  return lines
}

/**
 * Parses field lines (RFC 9112 section 5) and refuses what the section forbids a sender: no colon,
 * space before it, folded lines, control bytes. Throws GW_TESTING_WIRE.
 */
export function parseFieldLines(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const [, name, rest] =
      /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? []
    if (name === undefined || rest === undefined) {
      throw errors.GW_TESTING_WIRE({ problem: `field line ${JSON.stringify(line)}` })
    }
    return [name, rest.replaceAll(/^[\t ]+|[\t ]+$/g, '')]
  })
}

function isPairs(init: FieldsInit): init is readonly (readonly [string, string])[] {
  return Array.isArray(init)
}
