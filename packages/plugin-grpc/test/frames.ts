/** Messages of gRPC, for tests. */

/** A message with its length in front, not compressed. */
export function frame(message: string | Uint8Array, flag = 0): Buffer {
  const body = Buffer.from(message)
  const head = Buffer.alloc(5)
  head[0] = flag
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}

/** What the frames of a body hold. Trailers have the flag 0x80. */
export function framesIn(body: Buffer): { readonly flag: number; readonly message: Buffer }[] {
  const frames = []
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1)
    frames.push({ flag: body[at] ?? 0, message: body.subarray(at + 5, end) })
    at = end
  }
  return frames
}
