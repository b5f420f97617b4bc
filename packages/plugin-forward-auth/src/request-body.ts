import { errors, type GatewayRequest } from '@gatewright/kernel'

/**
 * Reads the whole body and puts it back, so that two servers can have it. Rejects with
 * GW_BODY_TOO_LARGE above the limit, without reading a body that is known to be larger.
 */
export async function bufferBody(request: GatewayRequest, maxBytes: number): Promise<Buffer> {
  request.limitBody(maxBytes, () => errors.GW_BODY_TOO_LARGE({ limit: maxBytes }))
  const { body } = request
  if (body === null) return Buffer.alloc(0)
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return Buffer.from(body)
  const pieces: Buffer[] = []
  for await (const piece of body) {
    // A body of a request yields buffers.
    pieces.push(piece as Buffer)
  }
  const whole = Buffer.concat(pieces)
  request.body = whole
  return whole
}
