import type { RequestContext, Scope } from '@gatewright/kernel'
import { createKeySource, createMeters } from '@gatewright/plugin-rate-limit'
import type { ClientLimit, Limit } from './options.ts'

/** Counts a message. False if it is one too many. */
export type Take = () => boolean

/** Counts the messages of the connections of one client, whoever that is. */
export type TakeFor = (ctx: RequestContext) => Take

const algorithm = 'token-bucket'
const unlimited: Take = () => true

/** For one connection; goes with it. */
export function connectionLimit({ rate, burst = rate, period }: Limit): Take {
  const meter = createMeters({ algorithm, rate, burst, period, max_keys: 1 }, 1)
  return () => meter.take('', performance.now(), 1).allowed
}

/** For clients. What they have used up outlives a reload that leaves the limit as it is. */
export function clientLimit(limit: ClientLimit | undefined, scope: Scope): TakeFor {
  if (limit === undefined) return () => unlimited
  const { name, share } = scope
  const meters = scope.keep(`ws-rate:${name}:${JSON.stringify([limit, share])}`, () =>
    // Of several processes that work alike, each takes its part.
    createMeters({ ...limit, algorithm }, share),
  )
  const keyOf = createKeySource(limit)
  return (ctx) => {
    const key = keyOf(ctx)
    if (key === undefined) return unlimited
    return () => meters.take(key, performance.now(), 1).allowed
  }
}
