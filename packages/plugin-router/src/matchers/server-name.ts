import {
  type Connection,
  defineMatcher,
  type Exchange,
  type MatcherFactory,
} from '@gatewright/kernel'
import { type HostLiteral, parseHost } from './host-literal.ts'
import { refuseLiteral } from './http-matcher.ts'
import type { IndexedFactory } from './indexed-factory.ts'
import { patternArgument } from './pattern-argument.ts'

type NameTest = (name: string) => boolean

/**
 * `HostSNI`: the client of a TLS connection asks for one of the server names (RFC 6066 section 3).
 * `*` takes everything, TLS or not.
 */
export const hostSniMatcher: IndexedFactory = {
  type: 'HostSNI',
  kind: 'stream',
  arity: [1, Infinity],
  compile(args) {
    const tests = args.map(parseName).map(testOf)
    return ({ connection }) => {
      const name = serverNameOf(connection)
      for (const test of tests) if (test(name)) return true
      return false
    }
  },
  bounds(args) {
    const literals = args.map(parseName)
    if (literals.some(isEverything)) return {}
    return { hosts: { keys: literals, exact: true } }
  },
  peeks: (args) => !args.map(parseName).some(isEverything),
}

/** `HostSNIRegexp`: the pattern is found anywhere in the server name, which may be empty. */
export const hostSniRegexpMatcher: MatcherFactory = defineMatcher({
  type: 'HostSNIRegexp',
  kind: 'stream',
  arity: [1, 1],
  compile(args) {
    const pattern = patternArgument(args, 0)
    return ({ connection }) => pattern.test(serverNameOf(connection))
  },
  peeks: () => true,
})

/** `ALPN`: the client of a TLS connection offers one of the protocols (RFC 7301). */
export const alpnMatcher: MatcherFactory = defineMatcher({
  type: 'ALPN',
  kind: 'stream',
  arity: [1, Infinity],
  compile(args) {
    const protocols = args.map(parseProtocol)
    return ({ connection }: Exchange) => {
      const { offeredAlpn } = connection
      if (offeredAlpn === undefined) return false
      for (const protocol of protocols) if (offeredAlpn.includes(protocol)) return true
      return false
    }
  },
  peeks: () => true,
})

/** The server name as rules see it: empty without one. */
export function serverNameOf({ serverName }: Connection): string {
  return serverName ?? ''
}

function parseName(literal: string, position: number): HostLiteral {
  const parsed = parseHost(literal, position)
  if (parsed.port === undefined && !parsed.name.startsWith('[')) return parsed
  const problem = `"${literal}" is not a server name; those have neither a port nor brackets`
  throw refuseLiteral(position, problem)
}

function isEverything({ name }: HostLiteral): boolean {
  return name === ''
}

function testOf({ name, wildcard }: HostLiteral): NameTest {
  if (name === '') return () => true
  if (!wildcard) return (found) => found === name
  const suffix = `.${name}`
  return (found) => {
    const label = found.length - suffix.length
    return label > 0 && found.indexOf('.') === label && found.endsWith(suffix)
  }
}

function parseProtocol(literal: string, position: number): string {
  if (literal === '') throw refuseLiteral(position, 'expected a protocol, found an empty literal')
  // Its certificates would be those of the wrong party (RFC 8737 section 3).
  if (literal !== 'acme-tls/1') return literal
  throw refuseLiteral(position, '"acme-tls/1" belongs to the gateway and cannot be routed')
}
