import {
  type ConfigProblem,
  type Exchange,
  type PluginGateway,
  type Report,
  RequestContext,
  type Route,
  type RouterEntry,
  type RouteVerdict,
  type RoutingFactory,
} from '@gatewright/kernel'
import type { RequestInputs } from './input/request-inputs.ts'
import { serverNameOf } from './matchers/server-name.ts'
import { type RouterOptions, schema } from './options.ts'
import { priorityOf, priorityOrder } from './priority.ts'
import { type CompiledRule, type Matchers, RuleCompiler } from './rule/compile.ts'
import { whyNot } from './rule/explain.ts'
import { datagramRule, replacedRule } from './rule/replaced-rule.ts'
import { RouteTable } from './table/route-table.ts'

/** The routing `rules`: each router says in its `rule` what it takes. */
export function rulesRouting(
  matchers: Matchers,
  inputs: RequestInputs,
  log: PluginGateway['log'],
): RoutingFactory<RouterOptions> {
  return {
    type: 'rules',
    schema,
    build(routers, options, report) {
      const compiled = compileRules(routers, matchers, report, log)
      const order = priorityOrder(options.priority_order)
      const sorted = compiled.toSorted((a, b) => order(a.router, b.router))
      const http = tablesOf(sorted, 'http')
      const streams = tablesOf(sorted, 'stream')
      const find = finder(http, streams, inputs, options.path_normalization)
      const peeking = peekingEntrypoints(sorted)
      warnOfUnasked(sorted, log)
      return Object.assign(find, {
        peeks: (entrypoint: string) => peeking.has(entrypoint),
        explain: (exchange: Exchange) =>
          looking(exchange, inputs, options.path_normalization, () =>
            sorted
              .filter(({ router }) => isOfKind(router, exchange))
              .map((candidate) => ({
                router: candidate.router.name,
                rule: candidate.router.rule,
                priority: priorityOf(candidate.router, options.priority_order),
                ...verdictOf(candidate, exchange, matchers),
              })),
          ),
      })
    },
  }
}

interface CompiledRouter {
  readonly router: RouterEntry
  readonly rule: CompiledRule
}

/** Routers whose rules are refused are left out; their problems have been reported. */
function compileRules(
  routers: readonly RouterEntry[],
  matchers: Matchers,
  report: Report,
  log: PluginGateway['log'],
): CompiledRouter[] {
  return routers.flatMap((router) => {
    const { name, route } = router
    const compiler = new RuleCompiler(matchers, route.kind, (problem) =>
      report({ path: ['routers', name, 'rule'], ...problem }),
    )
    if (route.kind === 'stream' && route.network === 'udp') {
      const everything = datagramRule(router.rule)
      const rule = everything === undefined ? undefined : compiler.compile(everything)
      if (rule !== undefined) return [{ router, rule }]
      report({ path: ['routers', name, 'rule'], ...notEverything(router.rule) })
      return []
    }
    const replaced = route.kind === 'stream' ? replacedRule(router.rule) : undefined
    if (replaced !== undefined) {
      log.warn({ router: name, rule: router.rule, meaning: replaced }, 'rule is deprecated')
    }
    const rule = compiler.compile(replaced ?? router.rule)
    return rule === undefined ? [] : [{ router, rule }]
  })
}

function notEverything(rule: string): Omit<ConfigProblem, 'path'> {
  const message = `datagrams cannot be told apart by rules; expected "*", found "${rule}"`
  return { code: 'GW_RULE_KIND', message }
}

/** Tells of routers that can never be asked, since a rule that takes everything comes before them. */
function warnOfUnasked(sorted: readonly CompiledRouter[], log: PluginGateway['log']): void {
  /** By entrypoint. */
  const takers = new Map<string, string>()
  for (const { router, rule } of sorted) {
    const { name, entrypoints } = router
    const before = entrypoints.map((entrypoint) => takers.get(entrypoint))
    const [by] = before
    if (by !== undefined && !before.includes(undefined)) {
      const hint = `give "${by}" a lower priority, such as "priority = 1"`
      log.warn({ router: name, by, hint }, 'router is never asked: another one takes everything')
    }
    if (!takesEverything(rule)) continue
    for (const entrypoint of entrypoints) {
      if (!takers.has(entrypoint)) takers.set(entrypoint, name)
    }
  }
}

function takesEverything({ hosts, paths, rest }: CompiledRule): boolean {
  if (rest !== undefined || hosts !== undefined) return false
  return paths === undefined || paths.some(({ path, prefix }) => prefix && path === '/')
}

/** Where some rule depends on what clients say first. */
function peekingEntrypoints(compiled: readonly CompiledRouter[]): ReadonlySet<string> {
  return new Set(compiled.flatMap(({ rule, router }) => (rule.peeks ? router.entrypoints : [])))
}

/** One table for each entrypoint that has routers of the kind. */
function tablesOf(
  sorted: readonly CompiledRouter[],
  kind: Route['kind'],
): ReadonlyMap<string, RouteTable> {
  const tables = new Map<string, RouteTable>()
  for (const [rank, { router, rule }] of sorted.entries()) {
    const { route, entrypoints } = router
    if (route.kind !== kind) continue
    const candidate = { rank, rest: rule.rest, route }
    for (const entrypoint of new Set(entrypoints)) {
      const table = tables.get(entrypoint) ?? new RouteTable()
      tables.set(entrypoint, table)
      table.add(candidate, rule)
    }
  }
  return tables
}

function isOfKind({ route }: RouterEntry, exchange: Exchange): boolean {
  return (route.kind === 'http') === exchange instanceof RequestContext
}

function verdictOf(
  { router, rule }: CompiledRouter,
  exchange: Exchange,
  matchers: Matchers,
): Pick<RouteVerdict, 'matches' | 'because'> {
  const { entrypoint } = exchange.connection
  const because = router.entrypoints.includes(entrypoint)
    ? whyNot(rule.text, matchers, exchange)
    : `it does not listen at the entrypoint "${entrypoint}"`
  return because === undefined ? { matches: true } : { matches: false, because }
}

function finder(
  http: ReadonlyMap<string, RouteTable>,
  streams: ReadonlyMap<string, RouteTable>,
  inputs: RequestInputs,
  normalization: RouterOptions['path_normalization'],
): (exchange: Exchange) => Route | undefined {
  return (exchange) => {
    const { entrypoint } = exchange.connection
    if (!(exchange instanceof RequestContext)) {
      const name = serverNameOf(exchange.connection)
      return streams.get(entrypoint)?.find(exchange, name, '')
    }
    try {
      inputs.begin(exchange, normalization)
      return http.get(entrypoint)?.find(exchange, inputs.host(exchange), inputs.path(exchange))
    } finally {
      inputs.end()
    }
  }
}

/** Runs something that asks matchers about an exchange. */
function looking<T>(
  exchange: Exchange,
  inputs: RequestInputs,
  normalization: RouterOptions['path_normalization'],
  ask: () => T,
): T {
  if (!(exchange instanceof RequestContext)) return ask()
  try {
    inputs.begin(exchange, normalization)
    return ask()
  } finally {
    inputs.end()
  }
}
