import type { RequestContext } from '@gatewright/kernel'

/** No limit is higher, so no cost needs to be. */
const mostRate = 1_000_000_000

/** What a request costs. */
export interface CostOptions {
  /** A whole number above 0, or `header:<name>`. Default 1. */
  readonly cost?: unknown
}

/**
 * How many ordinary requests one is worth. A field that is missing, or that is no whole number
 * above 0, is worth 1: whoever may choose it could as well choose that, and a mistake of whoever
 * sets it for clients must not turn them away.
 */
export function createCost({ cost = 1 }: CostOptions): (ctx: RequestContext) => number {
  if (typeof cost === 'number') return () => cost
  const name = String(cost).slice('header:'.length).toLowerCase()
  return ({ request }) => {
    const value = request.headers.get(name)
    return value !== undefined && /^[1-9]\d*$/.test(value) ? Math.min(Number(value), mostRate) : 1
  }
}
