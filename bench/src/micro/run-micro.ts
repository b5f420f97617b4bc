import { formatNumber } from '../report/figures.ts'
import { measureBalancers } from './balancers.ts'
import { measureChain } from './chain.ts'
import { measureHeadParsing } from './head-parsing.ts'
import { measureHook } from './hook.ts'
import type { MicroResult } from './micro.ts'
import { measureMiddlewares } from './middlewares.ts'
import { measureRouteLookup } from './route-lookup.ts'

/** What the parts of the request path cost, one after the other in this process. */
export async function runMicro(say: (line: string) => void): Promise<readonly MicroResult[]> {
  const results = [
    ...measureHeadParsing(),
    ...measureChain(),
    ...measureHook(),
    ...measureBalancers(),
    ...(await measureMiddlewares()),
    ...(await measureRouteLookup()),
  ]
  for (const { name, nanos, bar } of results) {
    const verdict = bar === undefined ? '' : `, at most ${bar}: ${nanos <= bar ? 'yes' : 'no'}`
    say(`${name.padEnd(70)} ${formatNumber(nanos)} ns${verdict}`)
  }
  return results
}
