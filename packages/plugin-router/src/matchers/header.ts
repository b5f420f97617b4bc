import type { HeaderList } from '@gatewright/kernel'
import { byteString } from '../input/byte-string.ts'
import type { Pattern } from '../pattern/pattern.ts'
import type { HttpMatcher } from './http-matcher.ts'
import { patternArgument } from './pattern-argument.ts'
import { tokenArgument } from './token-argument.ts'

/** `Header`: one of the field lines of that name equals the value. */
export function headerMatcher(type: 'Header' | 'Headers'): HttpMatcher {
  return {
    type,
    arity: [2, 2],
    compile(args) {
      const name = tokenArgument(args, 0, 'header name').toLowerCase()
      const value = byteString(args[1] ?? '')
      return ({ request }) => hasLine(request.headers, name, value)
    },
  }
}

/** `HeaderRegexp`: the pattern is found in one of the field lines of that name. */
export function headerRegexpMatcher(type: 'HeaderRegexp' | 'HeadersRegexp'): HttpMatcher {
  return {
    type,
    arity: [2, 2],
    compile(args) {
      const name = tokenArgument(args, 0, 'header name').toLowerCase()
      const pattern = patternArgument(args, 1)
      return ({ request }) => hasMatchingLine(request.headers, name, pattern)
    },
  }
}

// Fields that are repeated are rare: only after the first line did not fit is a list made.

function hasLine(headers: HeaderList, name: string, value: string): boolean {
  const first = headers.get(name)
  if (first === undefined || first === value) return first !== undefined
  return headers.getAll(name).includes(value)
}

function hasMatchingLine(headers: HeaderList, name: string, pattern: Pattern): boolean {
  const first = headers.get(name)
  if (first === undefined) return false
  return pattern.test(first) || headers.getAll(name).some((line) => pattern.test(line))
}
