/**
 * Header fields that describe one message or one connection, and what remains of a list without
 * them.
 *
 * @module
 */
import type { HeaderList } from '@gatewright/kernel'

/** RFC 9110 section 7.6.1, and what frames a body. */
const ofConnection = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Beside these, what a question without the body of the request must not say. */
const ofRequest = new Set([
  'content-encoding',
  'content-type',
  'expect',
  'host',
  // An answer of 304 or 206 decides nothing.
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
])

/** True if no other server can say this about a request or a response. */
export function belongsToMessage(name: string): boolean {
  return ofConnection.has(name) || name === 'host'
}

/** True for what is no part of a question unless the body is. */
export function belongsToRequest(name: string): boolean {
  return ofConnection.has(name) || ofRequest.has(name)
}

/** The names that `Connection` says concern this connection only. */
export function namedByConnection(headers: HeaderList): ReadonlySet<string> {
  const names = headers.getAll('connection').flatMap((value) => value.split(','))
  return new Set(names.map((name) => name.trim().toLowerCase()))
}
