import type { RequestContext } from '@gatewright/kernel'

/** What a request costs. */
export interface CostOptions {
  /** A whole number above 0, or `header:<name>`. */
  readonly cost: unknown
}

/**
 * How many ordinary requests one is worth. A field that is missing, or that is no whole number
 * above 0, is worth 1.
 */
export function createCost({ cost }: CostOptions): (ctx: RequestContext) => number {
  if (typeof cost === 'number') return () => cost
  const name = String(cost).slice('header:'.length).toLowerCase()
  return ({ request }) => {
    const value = request.headers.get(name)
    return value !== undefined && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : 1
  }
}
