import { byteString } from '../input/byte-string.ts'
import {
  isEncoded,
  someValue,
  spells,
  tryDecodeValue,
  type ValueTest,
} from '../input/query-scan.ts'
import { type HttpMatcher, refuseLiteral } from './http-matcher.ts'
import { patternArgument } from './pattern-argument.ts'

/** `Query`: a parameter has the value; with one argument, it has an empty one or none. */
export const queryMatcher: HttpMatcher = {
  type: 'Query',
  arity: [1, 2],
  compile(args) {
    const key = keyArgument(args)
    const value = byteString(args[1] ?? '')
    const isValue: ValueTest = (target, start, end) => spells(target, start, end, value)
    return ({ request }) => someValue(request.target, key, isValue)
  },
}

/**
 * `QueryRegexp`: the pattern is found in one of the values of the parameter. A value with a
 * malformed escape is left out.
 */
export const queryRegexpMatcher: HttpMatcher = {
  type: 'QueryRegexp',
  arity: [2, 2],
  compile(args) {
    const key = keyArgument(args)
    const pattern = patternArgument(args, 1)
    const matches: ValueTest = (target, start, end) => {
      if (!isEncoded(target, start, end)) return pattern.test(target, start, end)
      const value = tryDecodeValue(target.slice(start, end))
      return value !== undefined && pattern.test(value)
    }
    return ({ request }) => someValue(request.target, key, matches)
  },
}

function keyArgument(args: readonly string[]): string {
  const literal = args[0] ?? ''
  if (literal === '') throw refuseLiteral(0, 'expected a parameter name, found an empty literal')
  return byteString(literal)
}
