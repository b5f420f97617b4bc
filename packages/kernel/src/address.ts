/**
 * Where an entrypoint listens: the text of its `address`, and which two cannot be bound at once.
 *
 * @module
 */
import { isIP } from 'node:net'
import type { ListenAddress } from './protocol.ts'

/** `host:port`, `[v6]:port` or `:port`. `undefined` if the text is nothing of the kind. */
export function tryAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^\s:[\]/]*)):(?<port>\d{1,5})$/.exec(text)
  if (match === null) return undefined
  const { v6, host, port } = match.groups ?? {}
  if (Number(port) > 65_535) return undefined
  if (v6 !== undefined && isIP(v6) !== 6) return undefined
  const name = v6 ?? host ?? ''
  return { host: name === '' ? undefined : name, port: Number(port) }
}

/** True if both cannot be bound at once; port 0 never conflicts. */
export function addressesConflict(a: ListenAddress, b: ListenAddress): boolean {
  if (a.port !== b.port || a.port === 0) return false
  return a.host === b.host || covers(a.host, b.host) || covers(b.host, a.host)
}

/** True if a listener on the wildcard gets what is sent to the host, too. */
function covers(wildcard: string | undefined, host: string | undefined): boolean {
  // `::` takes IPv4 as well.
  if (wildcard === undefined || wildcard === '::') return true
  // A name may stand for addresses of either kind.
  return wildcard === '0.0.0.0' && isIP(host ?? '') !== 6
}
