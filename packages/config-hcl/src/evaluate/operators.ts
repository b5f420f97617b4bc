import { isDeepStrictEqual } from 'node:util'
import { mismatch, toBoolean, toNumber } from './conversion.ts'
import { Fault } from './fault.ts'
import { type Scalar, scalar, sourcesOf, type Value } from './value.ts'

type Numeric = (a: number, b: number) => number | boolean

const numeric: ReadonlyMap<string, Numeric> = new Map<string, Numeric>([
  ['add', (a, b) => a + b],
  ['subtract', (a, b) => a - b],
  ['multiply', (a, b) => a * b],
  ['divide', (a, b) => a / b],
  ['modulo', (a, b) => a % b],
  ['lessThan', (a, b) => a < b],
  ['lessThanOrEqual', (a, b) => a <= b],
  ['greaterThan', (a, b) => a > b],
  ['greaterThanOrEqual', (a, b) => a >= b],
])

/** Names are those of the grammar's syntax tree. Numbers in text count as numbers. */
export function binary(operator: string, left: Value, right: Value): Scalar {
  return scalar(compute(operator, left, right), sourcesOf(left, right))
}

export function unary(operator: string, operand: Value): Scalar {
  const sources = sourcesOf(operand)
  if (operator === 'logicalNot') return scalar(!toBoolean(operand), sources)
  return scalar(-toNumber(operand), sources)
}

/** `list[0]`, `object["key"]`, `object.key` */
export function index(collection: Value, key: Value): Value {
  if (collection.kind === 'list') return indexList(collection.items, key)
  if (collection.kind === 'dictionary') {
    const name = key.kind === 'scalar' ? String(key.data) : undefined
    const found = name === undefined ? undefined : collection.entries.get(name)
    if (found !== undefined) return found
    const known = [...collection.entries.keys()].join(', ')
    throw new Fault('GW_CONFIG_EXPRESSION', `no such key; known: ${known === '' ? 'none' : known}`)
  }
  throw mismatch('a list or an object', collection)
}

function indexList(items: readonly Value[], key: Value): Value {
  const at = toNumber(key)
  const found = items[at]
  if (found !== undefined) return found
  const count = items.length === 1 ? '1 item' : `${items.length} items`
  throw new Fault('GW_CONFIG_EXPRESSION', `index is outside of the list, which has ${count}`)
}

function compute(operator: string, left: Value, right: Value): number | boolean {
  if (operator === 'equal') return isEqual(left, right)
  if (operator === 'notEqual') return !isEqual(left, right)
  if (operator === 'logicalAnd') return toBoolean(left) && toBoolean(right)
  if (operator === 'logicalOr') return toBoolean(left) || toBoolean(right)
  const operation = numeric.get(operator)
  if (operation === undefined) {
    throw new Fault('GW_CONFIG_EXPRESSION', `operator "${operator}" is not supported`)
  }
  const result = operation(toNumber(left), toNumber(right))
  if (typeof result === 'number' && !Number.isFinite(result)) {
    throw new Fault('GW_CONFIG_EXPRESSION', 'division by zero, or a number too large')
  }
  return result
}

/** As in HCL, `"1"` and `1` are not equal. */
function isEqual(left: Value, right: Value): boolean {
  return isDeepStrictEqual(plain(left), plain(right))
}

function plain(value: Value): unknown {
  if (value.kind === 'list') return value.items.map(plain)
  if (value.kind === 'dictionary') return new Map([...value.entries].map(([k, v]) => [k, plain(v)]))
  return value.kind === 'scalar' ? value.data : undefined
}
