/**
 * What a provider says: whether it is of use, and in which parts.
 *
 * @module
 */
import { textOf } from './contributions.ts'
import { errors } from './errors.ts'
import { badResult } from './failure.ts'
import { type GatewayError, isGatewayError } from './gateway-error.ts'
import type { ConfigPart, Contribution } from './provider.ts'

/** Who said something, for messages. */
export interface Speaker {
  /** `provider "catalog" of plugin "gatewright-plugin-catalog"`. */
  readonly title: string
  /** Which of its methods. */
  readonly where: 'load' | 'watch'
}

/** How a list is put into parts. */
export interface Partition extends Speaker {
  /** What is called the source of everything in one. */
  readonly source: string
  /** Whether nothing is to be applied if the provider has a mistake in it. */
  readonly strict: boolean
}

const expectedWhole =
  'a configuration such as { routers, services }, or a list of parts { source, input }'

/** Throws GW_PLUGIN_BAD_RESULT for what is neither a configuration nor a list. */
export function checkContribution(value: unknown, { title, where }: Speaker): Contribution {
  if (isList(value)) return value
  if (!isPlain(value)) throw badResult(title, where, expectedWhole, value)
  if (Array.isArray(value['parts'])) {
    throw bad({ title, where }, '{ parts }', 'the list of parts itself')
  }
  if ('source' in value && 'input' in value) {
    throw bad({ title, where }, 'a part', 'a list of parts, also of one')
  }
  return value
}

/**
 * The parts of what a provider said. What is no part becomes one that is wrong, so that the others
 * count.
 */
export function inParts(said: Contribution, how: Partition): readonly ConfigPart[] {
  if (!isList(said)) return [{ source: how.source, input: said }]
  const sources = new Set<string>()
  return said.map((part: unknown, index) => {
    const checked = checkPart(part, index + 1, how)
    const { source } = checked
    if (!sources.has(source)) {
      sources.add(source)
      return checked
    }
    const found = `two parts with the source "${source}", of which the first counts,`
    const input = bad(how, found, 'another "source" for each part')
    return { source: `${source} (part ${index + 1})`, input }
  })
}

/** A text that is the same for parts that say the same. */
export function wordsOf(parts: readonly ConfigPart[]): string {
  return JSON.stringify(
    parts.map(({ source, input, strict }) => [
      source,
      isGatewayError(input) ? input.message : textOf(input),
      strict === true,
    ]),
  )
}

function checkPart(part: unknown, number: number, how: Partition): ConfigPart {
  const { strict } = how
  const place = `part ${number} of ${how.source}`
  if (!isPlain(part)) {
    const input = badResult(how.title, how.where, 'a list of parts { source, input }', [part])
    return { source: place, input, strict }
  }
  const { source, input } = part
  if (typeof source !== 'string' || source === '') {
    const found = `a part without "source" (number ${number} of its list)`
    const expected = 'parts { source, input }; "source" is a text that no other part has'
    return { source: place, input: bad(how, found, expected), strict }
  }
  if (isGatewayError(input) || isPlain(input)) {
    // Its two members that matter were checked just now.
    return part as unknown as ConfigPart
  }
  const found = `a part "${source}" whose "input" is ${kindOf(input)}`
  const expected = 'a configuration, or an error of defineErrors, as "input"'
  return { source, input: bad(how, found, expected), strict }
}

function kindOf(value: unknown): string {
  if (value instanceof Error) return 'another error'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'no plain object' : String(value)
}

function bad({ title, where }: Speaker, found: string, expected: string): GatewayError {
  return errors.GW_PLUGIN_BAD_RESULT({ owner: title, where, expected, found })
}

function isList(value: unknown): value is readonly ConfigPart[] {
  return Array.isArray(value)
}

/** An object that is neither a list, an error, a map nor a promise. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]'
}
