import { StreamContext } from '../../src/exchange.ts'
import { RequestContext } from '../../src/request-context.ts'
import type { RoutingFactory } from '../../src/routing.ts'

/** Rules are path prefixes; `*` matches every stream. The first router that matches wins. */
export const prefixRouting: RoutingFactory<{ match_case: boolean }> = {
  type: 'rules',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      match_case: { type: 'boolean', default: true, description: 'Whether case counts.' },
    },
  },
  build(routers, _options, report) {
    for (const { name, rule } of routers) {
      if (rule.startsWith('/') || rule === '*') continue
      const path = ['routers', name, 'rule']
      report({ path, code: 'GW_RULE_SYNTAX', message: `"${rule}" is no prefix` })
    }
    return (exchange) => {
      const { entrypoint } = exchange.connection
      const matches = (rule: string): boolean =>
        exchange instanceof RequestContext ? exchange.request.path.startsWith(rule) : rule === '*'
      const kind = exchange instanceof StreamContext ? 'stream' : 'http'
      return routers.find(
        ({ rule, entrypoints, route }) =>
          route.kind === kind && entrypoints.includes(entrypoint) && matches(rule),
      )?.route
    }
  },
}
