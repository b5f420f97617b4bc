import type { Attributes } from './span.ts'

const defaultPorts: Readonly<Record<string, number>> = {
  'http:': 80,
  'ws:': 80,
  'h2c:': 80,
  'grpc:': 80,
  'https:': 443,
  'wss:': 443,
  'grpcs:': 443,
}

/** Which host a client asked for. */
export function addAddress(attributes: Attributes, authority: string): void {
  if (authority === '') return
  const colon = authority.lastIndexOf(':')
  // The last colon of an IPv6 address without a port stands in its brackets.
  const hasPort = colon > authority.lastIndexOf(']')
  attributes.add('server.address', hasPort ? authority.slice(0, colon) : authority)
  const port = hasPort ? Number(authority.slice(colon + 1)) : 0
  if (port > 0) attributes.add('server.port', port)
}

/** Which server a request was sent to. */
export function addOrigin(attributes: Attributes, { hostname, port, protocol }: URL): void {
  attributes.add('server.address', hostname)
  attributes.add('server.port', port === '' ? defaultPorts[protocol] : Number(port))
}

/** Without what may be secret in a URL. */
export function originOf({ protocol, host }: URL): string {
  return `${protocol}//${host}`
}
