/**
 * Orders about single servers: `POST /services/<service>/backends/<url>/drain`.
 *
 * @module
 */
import type { Asked } from './asked.ts'
import type { Endpoint, Methods } from './endpoint.ts'
import { type Override, order } from './overrides.ts'
import { json, type Reply, refusal } from './reply.ts'

/** By the last part of the path. */
export const serverOrders: ReadonlyMap<string, Methods> = new Map<string, Methods>([
  ['drain', { POST: orders(() => ({ drained: true })) }],
  ['undrain', { POST: orders(() => ({ drained: false })) }],
  ['weight', { POST: orders(shareIn) }],
])

/** @param read What a body asks for; `undefined` if it asks for nothing of use. */
function orders(read: (body: string) => Override | undefined): Endpoint {
  return {
    role: 'admin',
    takes: ['application/json'],
    async answer({ running, name = '', server = '', body }: Asked): Promise<Reply> {
      const override = read(body)
      if (override === undefined) {
        return refusal(400, 'expected {"share": …} with a number above 0 and at most 1')
      }
      const count = await order(running, name, server, override)
      if (count === 0) return refusal(404, 'Backend not found')
      return json({ service: name, url: server, ...override })
    },
  }
}

function shareIn(body: string): Override | undefined {
  try {
    const value: unknown = JSON.parse(body)
    const share: unknown =
      typeof value === 'object' && value !== null && 'share' in value ? value.share : undefined
    return typeof share === 'number' && share > 0 && share <= 1 ? { share } : undefined
  } catch {
    // It is no JSON.
    return undefined
  }
}
