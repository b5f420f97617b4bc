import type { Json } from '../grammar/grammar.ts'
import { isReserved } from '../names.ts'
import { mismatch, toBoolean, toList, toNumber, toText, tryInteger } from './conversion.ts'
import { Fault } from './fault.ts'
import { fromJson, isUnknown, type Scalar, scalar, sourcesOf, type Value } from './value.ts'

/** A function that depends on nothing but its arguments. */
interface PureFunction {
  /** Smallest and largest number of arguments. */
  readonly arity: readonly [number, number]
  readonly call: (args: readonly [Value, ...Value[]]) => Value
}

const one = [1, 1] as const
const many = [1, Number.POSITIVE_INFINITY] as const

export const functions: ReadonlyMap<string, PureFunction> = new Map<string, PureFunction>([
  ['int', { arity: one, call: ([value]) => scalar(toInteger(value), sourcesOf(value)) }],
  ['number', { arity: one, call: ([value]) => scalar(toNumber(value), sourcesOf(value)) }],
  ['bool', { arity: one, call: ([value]) => scalar(toBoolean(value), sourcesOf(value)) }],
  ['upper', onText((text) => text.toUpperCase())],
  ['lower', onText((text) => text.toLowerCase())],
  ['trimspace', onText((text) => text.trim())],
  ['base64decode', { arity: one, call: ([value]) => base64decode(value) }],
  ['jsondecode', { arity: one, call: ([value]) => jsondecode(value) }],
  ['join', { arity: [2, 2], call: ([separator, list]) => join(separator, list ?? separator) }],
  ['split', { arity: [2, 2], call: ([separator, text]) => split(separator, text ?? separator) }],
  [
    'concat',
    {
      arity: many,
      call: (lists) => ({ kind: 'list', items: lists.flatMap((list) => toList(list).items) }),
    },
  ],
])

/** Throws a {@link Fault} if a function cannot take that many arguments. */
export function checkArity(name: string, arity: readonly [number, number], count: number): void {
  const [least, most] = arity
  if (count >= least && count <= most) return
  const range =
    least === most ? String(least) : `${least} ${most === Infinity ? 'or more' : `to ${most}`}`
  const noun = range === '1' ? 'argument' : 'arguments'
  throw new Fault('GW_CONFIG_EXPRESSION', `${name} takes ${range} ${noun}, found ${count}`)
}

/** The first argument that is neither null nor empty text. */
export function coalesce(values: readonly Value[]): Value | undefined {
  return values.find((value) => {
    return isUnknown(value) || value.kind !== 'scalar' || (value.data !== null && value.data !== '')
  })
}

function onText(change: (text: string) => string): PureFunction {
  return { arity: one, call: ([value]) => scalar(change(toText(value)), sourcesOf(value)) }
}

function toInteger(value: Value): number {
  const data = value.kind === 'scalar' ? value.data : undefined
  const result = typeof data === 'string' ? tryInteger(data) : data
  if (typeof result === 'number' && Number.isSafeInteger(result)) return result
  throw mismatch('an integer', value)
}

function join(separator: Value, list: Value): Scalar {
  const texts = toList(list).items.map(toText)
  return scalar(texts.join(toText(separator)), sourcesOf(separator, list))
}

function split(separator: Value, text: Value): Value {
  const sources = sourcesOf(separator, text)
  const items = toText(text).split(toText(separator))
  return { kind: 'list', items: items.map((item) => scalar(item, sources)) }
}

function base64decode(value: Value): Scalar {
  const text = toText(value)
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw mismatch('base64', value)
  try {
    return scalar(new TextDecoder('utf-8', { fatal: true }).decode(bytes), sourcesOf(value))
  } catch {
    throw mismatch('base64 of UTF-8 text', value)
  }
}

function jsondecode(value: Value): Value {
  const text = toText(value)
  try {
    // What `JSON.parse` returns is JSON.
    return fromJson(JSON.parse(text, refuseReserved) as Json, sourcesOf(value))
  } catch (error) {
    // The message of a syntax error shows a part of the text, which may be a secret.
    throw error instanceof Fault ? error : mismatch('JSON', value)
  }
}

function refuseReserved(key: string, value: unknown): unknown {
  if (isReserved(key)) throw new Fault('GW_CONFIG_NAME', `"${key}" is reserved`)
  return value
}
