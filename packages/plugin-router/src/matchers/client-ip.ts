import { type Network, NetworkSet, tryNetwork } from '@gatewright/ip-networks'
import { defineMatcher, type MatcherFactory } from '@gatewright/kernel'
import { refuseLiteral } from './http-matcher.ts'

/** `ClientIP`: the client's address, behind trusted proxies, is in one of the networks. */
export const clientIpMatcher: MatcherFactory = defineMatcher({
  type: 'ClientIP',
  kind: 'any',
  arity: [1, Infinity],
  compile(args) {
    const networks = new NetworkSet(args.map(parseNetwork))
    return (ctx) => networks.has(ctx.clientAddress)
  },
})

function parseNetwork(literal: string, position: number): Network {
  const network = tryNetwork(literal)
  if (network !== undefined) return network
  const problem = `expected an IP address or a range such as 10.0.0.0/8, found "${literal}"`
  throw refuseLiteral(position, problem)
}
