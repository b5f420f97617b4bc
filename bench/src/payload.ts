/** The bodies that are sent around. Every receiver compares every byte. */

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * A body of the given size, always the same one. Letters and digits only, so that it can stand in
 * configuration files, and without a short period, so that a piece that is lost, doubled or out of
 * place shows.
 */
export function createPayload(bytes: number): Buffer {
  const body = Buffer.allocUnsafe(bytes)
  let state = 0x2545f491
  for (let i = 0; i < bytes; i++) {
    // Xorshift (Marsaglia 2003): cheap, and its period is longer than any body.
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    body[i] = letters.charCodeAt(state & 63)
  }
  return body
}

const prefixBytes = 5

/** The same as a message of gRPC, so many bytes with its prefix: not compressed, and its length. */
export function createMessage(bytes: number): Buffer {
  const body = createPayload(bytes)
  body.writeUInt8(0, 0)
  body.writeUInt32BE(bytes - prefixBytes, 1)
  return body
}
