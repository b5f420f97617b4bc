import { defineMatcher, RequestContext } from '@gatewright/kernel'

/** ``MyPlugin(`beta`)``: the request says in `x-client` that it comes from one of these clients. */
export const matcher = defineMatcher({
  type: 'MyPlugin',
  // 'stream' is for connections that are no requests, 'any' for both.
  kind: 'http',
  arity: [1, Number.POSITIVE_INFINITY],
  // Once for each place in a rule where it stands.
  compile(args) {
    if (args.includes('')) throw new Error('expected the name of a client, found an empty one')
    const clients = new Set(args)
    // Once for each request: as little work as possible, and nothing that waits.
    return (exchange) => {
      if (!(exchange instanceof RequestContext)) return false
      const client = exchange.request.headers.get('x-client')
      return client !== undefined && clients.has(client)
    }
  },
})
