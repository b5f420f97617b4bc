import { type NetworkSet, plainAddress, tryForwardedAddress } from '@gatewright/ip-networks'
import type { RequestContext } from '@gatewright/kernel'
import { networkSet } from './access-list.ts'
import { errors } from './errors.ts'
import type { IpStrategy } from './options.ts'

/** The address of a request that counts; `undefined` if there is none. */
export type ClientAddress = (ctx: RequestContext) => string | undefined

/** Throws GW_IP_ALLOW_BAD_STRATEGY and GW_IP_ALLOW_BAD_NETWORK. */
export function clientAddressBy(strategy: IpStrategy | undefined): ClientAddress {
  if (strategy === undefined) return (ctx) => ctx.clientAddress
  const { depth, excluded_ips: excluded } = strategy
  if ((depth === undefined) === (excluded === undefined)) {
    throw errors.GW_IP_ALLOW_BAD_STRATEGY(undefined, { option: ['ip_strategy'] })
  }
  if (depth === 0) return (ctx) => plainAddress(ctx.connection.remoteAddress)
  if (depth !== undefined) return (ctx) => addressAt(wayOf(ctx), depth)
  const proxies = networkSet(excluded ?? [], ['ip_strategy', 'excluded_ips'])
  return (ctx) => firstOutside(wayOf(ctx), proxies)
}

function addressAt(way: readonly string[], depth: number): string | undefined {
  return tryForwardedAddress(way[depth] ?? '')
}

/** An element that is no address may hide anybody, so it ends the walk. */
function firstOutside(way: readonly string[], proxies: NetworkSet): string | undefined {
  for (const element of way) {
    const address = tryForwardedAddress(element)
    if (address === undefined || !proxies.has(address)) return address
  }
  return undefined
}

/**
 * The addresses that a request came by, the last one first. An entrypoint has put its peer behind
 * the others, or in place of them if it does not trust it.
 */
function wayOf({ connection, request }: RequestContext): string[] {
  const way = request.headers
    .getAll('x-forwarded-for')
    .flatMap((line) => line.split(','))
    .map((element) => element.trim())
    // They mean nothing (RFC 9110 section 5.6.1.2).
    .filter((element) => element !== '')
  const peer = plainAddress(connection.remoteAddress)
  if (way.at(-1) !== peer) way.push(peer)
  return way.toReversed()
}
