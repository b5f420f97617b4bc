import { Gateway } from '@gatewright/kernel'
import { createExchange } from './exchange.ts'
import type { MicroResult } from './micro.ts'
import { bestNanos } from './timing.ts'

const repetitions = 1000

/** What the hook `request` costs with taps that do nothing. */
export function measureHook(): readonly MicroResult[] {
  return [0, 5, 15].map((count) => ({
    name: `hook with ${count} taps`,
    nanos: measure(count),
    ...(count === 15 && { bar: 250 }),
  }))
}

function measure(count: number): number {
  const { request } = new Gateway().hooks
  for (let i = 0; i < count; i++) request.tap(`bench-${i}`, nothing)
  const exchange = createExchange('example.com', '/users/42?page=2')
  let done = 0
  const onDone = (error: unknown): void => {
    if (error != null) throw new Error('a tap failed', { cause: error })
    done++
  }
  const nanos = bestNanos(repetitions, () => {
    done = 0
    for (let i = 0; i < repetitions; i++) request.callAsync(exchange, onDone)
  })
  if (done !== repetitions) throw new Error('a tap did not finish at once')
  return nanos
}

function nothing(): undefined {}
