import type { RequestContext } from '@gatewright/kernel'

/** What is counted for a client that went away before it had its answer. */
const clientClosed = 499

/** The status that counts for a request that is over. 0 if there is none, which no request has. */
export function statusOf(ctx: RequestContext): number {
  const { abortedBy, response, established } = ctx
  if (abortedBy?.source === 'client' && !established) return clientClosed
  return response?.status ?? abortedBy?.status ?? 0
}

/** Methods that label values may name. */
const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
] as const

const indexes: ReadonlyMap<string, number> = new Map(
  methods.map((method, index) => [method, index]),
)

/** How many {@link methodIndex} tells apart. */
export const methodCount: number = methods.length + 1

/** The place of a method; all that nobody knows share the last one. */
export function methodIndex(method: string): number {
  return indexes.get(method) ?? methods.length
}

/** The label of a place. */
export function methodName(index: number): string {
  return methods[index] ?? 'OTHER'
}
