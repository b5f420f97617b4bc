import { Fault } from './fault.ts'
import { type List, type Scalar, sourcesOf, type Value } from './value.ts'

/** Text as a number, if it is exactly that. Exponents and a plus sign are not. */
export function tryNumber(text: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

/** Text as a whole number that is exact. */
export function tryInteger(text: string): number | undefined {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : undefined
}

/** Text as a truth value. */
export function tryBoolean(text: string): boolean | undefined {
  if (text === 'true') return true
  return text === 'false' ? false : undefined
}

/** Throws a {@link Fault} if a value has no form as text. */
export function toText(value: Value): string {
  const { data } = expectScalar(value, 'text')
  if (data === null) throw mismatch('text', value)
  return String(data)
}

export function toNumber(value: Value): number {
  const { data } = expectScalar(value, 'a number')
  const result = typeof data === 'string' ? tryNumber(data) : data
  if (typeof result === 'number') return result
  throw mismatch('a number', value)
}

export function toBoolean(value: Value): boolean {
  const { data } = expectScalar(value, '"true" or "false"')
  const result = typeof data === 'string' ? tryBoolean(data) : data
  if (typeof result === 'boolean') return result
  throw mismatch('"true" or "false"', value)
}

export function toList(value: Value): List {
  if (value.kind === 'list') return value
  throw mismatch('a list', value)
}

/** What was wanted and what was found. Text from outside of the file is named, never shown. */
export function mismatch(expected: string, found: Value): Fault {
  return new Fault('GW_CONFIG_TYPE', `expected ${expected}, found ${describe(found)}`)
}

function expectScalar(value: Value, expected: string): Scalar {
  if (value.kind === 'scalar') return value
  throw mismatch(expected, value)
}

function describe(value: Value): string {
  const sources = sourcesOf(value)
  if (sources.length > 0) return `the value of ${sources.join(' and ')}`
  if (value.kind === 'list') return 'a list'
  if (value.kind !== 'scalar') return 'an object'
  return JSON.stringify(value.data)
}
