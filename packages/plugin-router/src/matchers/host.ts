import { effectivePort } from '../input/effective-host.ts'
import type { RequestInputs } from '../input/request-inputs.ts'
import { type HostLiteral, parseHost } from './host-literal.ts'
import { anyTest, type HttpMatcher, type RequestTest } from './http-matcher.ts'
import { patternArgument } from './pattern-argument.ts'

/** `Host`: one of the hosts, without regard to case, port and trailing dot. */
export function hostMatcher(inputs: RequestInputs): HttpMatcher {
  return {
    type: 'Host',
    arity: [1, Infinity],
    compile: (args) =>
      anyTest(args.map((arg, position) => hostTest(parseHost(arg, position), inputs))),
    bounds(args) {
      const literals = args.map((arg, position) => parseHost(arg, position))
      if (literals.some(({ name }) => name === '')) return {}
      return { hosts: { keys: literals, exact: literals.every(({ port }) => port === undefined) } }
    },
  }
}

/** `HostRegexp`: the pattern is found anywhere in the host. */
export function hostRegexpMatcher(inputs: RequestInputs): HttpMatcher {
  return {
    type: 'HostRegexp',
    arity: [1, 1],
    compile(args) {
      const pattern = patternArgument(args, 0)
      return (ctx) => pattern.test(inputs.host(ctx))
    },
  }
}

function hostTest(literal: HostLiteral, inputs: RequestInputs): RequestTest {
  const test = nameTest(literal, inputs)
  const { port } = literal
  if (port === undefined) return test
  return (ctx) => {
    const { request, connection } = ctx
    return effectivePort(request.authority, connection.encrypted) === port && test(ctx)
  }
}

function nameTest({ name, wildcard }: HostLiteral, inputs: RequestInputs): RequestTest {
  if (name === '') return () => true
  if (!wildcard) return (ctx) => inputs.host(ctx) === name
  const suffix = `.${name}`
  return (ctx) => {
    const host = inputs.host(ctx)
    const label = host.length - suffix.length
    return label > 0 && host.indexOf('.') === label && host.endsWith(suffix)
  }
}
