import { refuseLiteral } from './http-matcher.ts'

/** An argument of `Host`. */
export interface HostLiteral {
  /** Lower-case, without trailing dot; empty if any host fits. */
  readonly name: string
  /** True if exactly one more label must stand before the name. */
  readonly wildcard: boolean
  /** `undefined` if any port fits. */
  readonly port: number | undefined
}

const address = /^\[[0-9a-f:.]+\]$/
const labels = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/

/** Reads one argument. Throws ArgumentError. */
export function parseHost(literal: string, position: number): HostLiteral {
  // oxlint-disable-next-line no-control-regex -- Everything that is not ASCII is meant.
  if (/[^\x00-\x7f]/.test(literal)) {
    const problem = `host "${literal}" is not ASCII; write it in punycode`
    throw refuseLiteral(position, problem)
  }
  const [, host = '', digits] = /^(.*?)(?::([0-9]+))?$/s.exec(literal.toLowerCase()) ?? []
  const port = digits === undefined ? undefined : parsePort(digits, literal, position)
  if (host === '*') return { name: '', wildcard: false, port }
  const wildcard = host.startsWith('*.')
  const name = (wildcard ? host.slice(2) : host).replace(/\.$/, '')
  if (labels.test(name) || (!wildcard && address.test(name))) return { name, wildcard, port }
  throw refuseLiteral(position, refusal(literal, name))
}

function parsePort(digits: string, literal: string, position: number): number {
  const port = Number(digits)
  if (port >= 1 && port <= 65_535) return port
  throw refuseLiteral(position, `host "${literal}" has a port that is not from 1 to 65535`)
}

function refusal(literal: string, name: string): string {
  if (literal === '') return 'expected a host, found an empty literal'
  if (name.includes('*')) {
    return `host "${literal}" has a "*" that is not its first label; use HostRegexp`
  }
  if (name.includes('/')) return `expected a host, found the URL or path "${literal}"`
  if (/:.*:/.test(literal)) return `IPv6 address "${literal}" must stand in brackets`
  return `"${literal}" is not a host`
}
