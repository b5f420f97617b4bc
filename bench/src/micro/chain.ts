import { type ChainLink, compileChain, GatewayResponse } from '@gatewright/kernel'
import { createExchange } from './exchange.ts'
import type { MicroResult } from './micro.ts'
import { bestNanos } from './timing.ts'

const repetitions = 1000

/** What a chain of filters costs that look at request and response and change nothing. */
export function measureChain(): readonly MicroResult[] {
  return [0, 5, 15].map((count) => ({
    name: `chain of ${count} filters`,
    nanos: measure(count),
  }))
}

function measure(count: number): number {
  const links = Array.from({ length: count }, (_, index): ChainLink => {
    const owner = `middleware "filter-${index}"`
    return { owner, middleware: { onRequest: () => undefined, onResponse: () => undefined } }
  })
  const answer = new GatewayResponse({ status: 200 })
  const handle = compileChain(links, () => answer)
  const exchange = createExchange('example.com', '/users/42?page=2')
  return bestNanos(repetitions, () => {
    for (let i = 0; i < repetitions; i++) {
      if (handle(exchange) !== answer) throw new Error('the chain returned something else')
    }
  })
}
