import type { IncomingMessage } from 'node:http'

/** The longest body that is read, in bytes. */
const longestBody = 1024 * 1024

/** The body as text; `undefined` if it is too long. Rejects if the client goes away. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > longestBody) return undefined
  const chunks: Buffer[] = []
  let length = 0
  // Without an encoding, a request comes in buffers.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > longestBody) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
