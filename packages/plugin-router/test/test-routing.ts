import { Duplex } from 'node:stream'
import {
  type ConfigProblem,
  type Connection,
  type Exchange,
  type FindRoute,
  GatewayRequest,
  HeaderList,
  type MatcherFactory,
  type PluginGateway,
  type Registry,
  RequestContext,
  type Route,
  type RouterEntry,
  type RoutingFactory,
  type Snapshot,
  StreamContext,
} from '@gatewright/kernel'
import { recordLogs } from '@gatewright/testing'
import router, { type RouterOptions } from '../src/index.ts'

/** A router in a test: its rule, or what differs from the defaults. */
export type TestRouter =
  | string
  | (Pick<RouterEntry, 'rule'> &
      Partial<Omit<RouterEntry, 'route'>> & {
        readonly kind?: Route['kind']
      })

export interface TestRequest {
  readonly method?: string
  readonly target?: string
  /** As received: the protocol makes it lower-case. */
  readonly host?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly client?: string
  readonly encrypted?: boolean
  readonly entrypoint?: string
}

/** Routers that the plugin has compiled. */
export interface TestRouting {
  /** Name of the router that takes the request. */
  readonly route: (request: TestRequest) => string | undefined
  readonly findRoute: FindRoute
  readonly problems: readonly ConfigProblem[]
  readonly matchers: Registry<MatcherFactory>
}

/** Sets the plugin up as the kernel does, and compiles the routers. */
export function compileRouters(
  routers: Readonly<Record<string, TestRouter>>,
  options: Partial<RouterOptions> = {},
  thirdParty: readonly MatcherFactory[] = [],
): TestRouting {
  const entries = Object.entries(routers).map(([name, given]) => routerEntry(name, given))
  return compileEntries(entries, options, thirdParty)
}

/** The same for routers in the form of the kernel. */
export function compileEntries(
  entries: readonly RouterEntry[],
  options: Partial<RouterOptions> = {},
  thirdParty: readonly MatcherFactory[] = [],
): TestRouting {
  const problems: ConfigProblem[] = []
  const full: RouterOptions = {
    priority_order: 'descending',
    path_normalization: 'reject',
    ...options,
  }
  const { matchers, routing } = setUp(thirdParty)
  const findRoute = routing.build(entries, full, (problem) => problems.push(problem))
  return {
    findRoute,
    problems,
    matchers,
    route: (request) => findRoute(exchangeOf(request))?.router,
  }
}

/** True if a router with this rule takes the request. Throws if the rule is refused. */
export function matches(
  rule: string,
  request: TestRequest,
  thirdParty: readonly MatcherFactory[] = [],
): boolean {
  const { route, problems } = compileRouters({ only: rule }, {}, thirdParty)
  if (problems[0] !== undefined) throw new Error(problems[0].message)
  return route(request) === 'only'
}

/** The problems of a rule, each as its code and its message. */
export function problemsOf(rule: string, thirdParty: readonly MatcherFactory[] = []): string[] {
  const { problems } = compileRouters({ only: rule }, {}, thirdParty)
  return problems.map(({ code, message }) => `${code}: ${message}`)
}

export function exchangeOf(request: TestRequest): RequestContext {
  const { method = 'GET', target = '/', host = 'example.com', headers = [] } = request
  const head = {
    method,
    target,
    authority: host.toLowerCase(),
    headers: HeaderList.fromRaw(headers.flat()),
    version: '1.1' as const,
    upgrade: undefined,
  }
  const connection = connectionOf(request)
  return new RequestContext(connection, connection.snapshot, new GatewayRequest(head, null))
}

export function streamOf(request: TestRequest): StreamContext {
  const connection = connectionOf(request)
  return new StreamContext(connection, connection.snapshot, new Duplex())
}

export function routerEntry(name: string, given: TestRouter): RouterEntry {
  const { kind = 'http', ...rest } = typeof given === 'string' ? { rule: given } : given
  return { name, priority: 0, entrypoints: ['web'], route: routeOf(name, kind), ...rest }
}

/** A matcher that other plugins could bring. */
export function thirdPartyMatcher(
  type: string,
  test: (exchange: Exchange, ...args: readonly string[]) => boolean,
  overrides: Partial<MatcherFactory> = {},
): MatcherFactory {
  return {
    type,
    kind: 'any',
    arity: [0, Infinity],
    compile: (args) => (exchange) => test(exchange, ...args),
    ...overrides,
  }
}

function routeOf(name: string, kind: Route['kind']): Route {
  const where = { router: name, service: 'app' }
  return kind === 'http'
    ? { kind, ...where, handle: unused }
    : { kind, network: 'tcp', ...where, enter: unused }
}

function unused(): never {
  throw new Error('nothing is handled here')
}

function connectionOf(request: TestRequest): Connection {
  const { client = '192.0.2.1', encrypted = false, entrypoint = 'web' } = request
  return {
    id: 1,
    entrypoint,
    remoteAddress: client,
    remotePort: 40_000,
    localPort: 80,
    encrypted,
    serverName: undefined,
    alpn: undefined,
    // The router does not look at it.
    snapshot: {} as Snapshot,
    defer: () => undefined,
  }
}

function setUp(thirdParty: readonly MatcherFactory[]): {
  readonly matchers: Registry<MatcherFactory>
  readonly routing: RoutingFactory<RouterOptions>
} {
  const matchers = new TestRegistry<MatcherFactory>()
  const routings = new TestRegistry<RoutingFactory>()
  for (const matcher of thirdParty) matchers.register(matcher)
  // The plugin uses nothing else of it.
  const { log } = recordLogs()
  void router.setup({ matchers, routings, log } as unknown as PluginGateway, undefined)
  return { matchers, routing: routings.get('rules') }
}

class TestRegistry<F extends { readonly type: string }> implements Registry<F> {
  readonly #factories = new Map<string, F>()

  register(factory: F): void {
    this.#factories.set(factory.type, factory)
  }

  get(type: string): F {
    const factory = this.find(type)
    if (factory === undefined) throw new Error(`no "${type}"`)
    return factory
  }

  find(type: string): F | undefined {
    return this.#factories.get(type)
  }

  types(): string[] {
    return [...this.#factories.keys()].toSorted()
  }
}
