/**
 * Switching to another protocol on a stream (RFC 8441), for clients that ask for it in the way of
 * HTTP/1.1.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import type { GatewayRequest, HeaderList } from '@gatewright/kernel'

/** What the handshake of WebSocket has in HTTP/1.1 only (RFC 8441 section 5). */
export const handshakeField = 'sec-websocket-key'

/** RFC 6455 section 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/**
 * Adds to the fields of a successful response what one of HTTP/1.1 would have: to have understood
 * the question is what the pseudo field `:protocol` stands for.
 */
export function completeSwitch({ upgrade, headers }: GatewayRequest, fields: HeaderList): void {
  const key = headers.get(handshakeField)
  if (upgrade !== 'websocket' || key === undefined) return
  const hash = createHash('sha1').update(key + acceptSuffix)
  fields.set('sec-websocket-accept', hash.digest('base64'))
}
