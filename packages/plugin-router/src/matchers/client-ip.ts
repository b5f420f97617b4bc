import { IpAddress } from '../input/ip-address.ts'
import { type HttpMatcher, refuseLiteral } from './http-matcher.ts'
import { IpRange } from './ip-range.ts'

/** `ClientIP`: the client's address, behind trusted proxies, is in one of the ranges. */
export const clientIpMatcher: HttpMatcher = {
  type: 'ClientIP',
  arity: [1, Infinity],
  compile(args) {
    const ranges = args.map(parseRange)
    // Filled anew for each exchange.
    const client = new IpAddress()
    return (ctx) => {
      if (!client.read(ctx.clientAddress)) return false
      for (const range of ranges) if (range.has(client)) return true
      return false
    }
  },
}

function parseRange(literal: string, position: number): IpRange {
  const range = IpRange.tryParse(literal)
  if (range !== undefined) return range
  const problem = `expected an IP address or a range such as 10.0.0.0/8, found "${literal}"`
  throw refuseLiteral(position, problem)
}
