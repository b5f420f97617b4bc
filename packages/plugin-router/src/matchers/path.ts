import { isGatewayError } from '@gatewright/kernel'
import { byteString } from '../input/byte-string.ts'
import type { RequestInputs } from '../input/request-inputs.ts'
import { decodePath } from '../input/routing-path.ts'
import { anyTest, type HttpMatcher, refuseLiteral } from './http-matcher.ts'
import { patternArgument } from './pattern-argument.ts'

/** `Path`: the path equals one of the arguments. */
export function pathMatcher(inputs: RequestInputs): HttpMatcher {
  return {
    type: 'Path',
    arity: [1, Infinity],
    compile: (args) =>
      anyTest(args.map(parsePath).map((path) => (ctx) => inputs.path(ctx) === path)),
    bounds: (args) => pathBounds(args, false),
  }
}

/** `PathPrefix`: the path begins with one of the arguments, which need not end a segment. */
export function pathPrefixMatcher(inputs: RequestInputs): HttpMatcher {
  return {
    type: 'PathPrefix',
    arity: [1, Infinity],
    compile: (args) =>
      anyTest(args.map(parsePath).map((prefix) => (ctx) => inputs.path(ctx).startsWith(prefix))),
    bounds: (args) => pathBounds(args, true),
  }
}

/** `PathRegexp`: the pattern is found anywhere in the path. */
export function pathRegexpMatcher(inputs: RequestInputs): HttpMatcher {
  return {
    type: 'PathRegexp',
    arity: [1, 1],
    compile(args) {
      const pattern = patternArgument(args, 0)
      return (ctx) => {
        const path = inputs.path(ctx)
        // The target of `OPTIONS *` is no path (RFC 9112 section 3.2.4).
        return path !== '*' && pattern.test(path)
      }
    },
  }
}

function pathBounds(args: readonly string[], prefix: boolean): ReturnType<Bounded> {
  return { paths: { keys: args.map(parsePath).map((path) => ({ path, prefix })), exact: true } }
}

type Bounded = NonNullable<HttpMatcher['bounds']>

/** The routing path that the argument means: escapes may be written in either way. */
function parsePath(literal: string, position: number): string {
  if (!literal.startsWith('/')) {
    throw refuseLiteral(position, `path "${literal}" must begin with "/"`)
  }
  if (/[?#]/.test(literal)) {
    const problem = `path "${literal}" can never match: query and fragment are not part of a path`
    throw refuseLiteral(position, problem)
  }
  try {
    return decodePath(byteString(literal))
  } catch (error) {
    if (!isGatewayError(error)) throw error
    throw refuseLiteral(position, `path "${literal}" can never match: ${error.message}`)
  }
}
