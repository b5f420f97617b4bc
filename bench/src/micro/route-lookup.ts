/**
 * How long one look-up of a route takes, by shape and number of routers.
 *
 * @module
 */
import {
  type Connection,
  GatewayRequest,
  HeaderList,
  type MatcherFactory,
  type PluginGateway,
  RequestContext,
  type RouterEntry,
  type RoutingFactory,
  type Snapshot,
} from '@gatewright/kernel'
import router, { type RouterOptions } from '@gatewright/plugin-router'

interface Shape {
  readonly name: string
  readonly rule: (i: number) => string
  readonly host: (i: number) => string
  readonly target: (i: number) => string
}

const shapes: readonly Shape[] = [
  {
    name: 'one Host each',
    rule: (i) => `Host(\`app-${i}.example.com\`)`,
    host: (i) => `app-${i}.example.com`,
    target: () => '/users/42?page=2',
  },
  {
    name: 'one PathPrefix each',
    rule: (i) => `PathPrefix(\`/service-${i}/\`)`,
    host: () => 'example.com',
    target: (i) => `/service-${i}/users/42?page=2`,
  },
  {
    name: 'Host and PathPrefix, 10 prefixes a host',
    rule: (i) => `Host(\`app-${Math.floor(i / 10)}.example.com\`) && PathPrefix(\`/v${i % 10}/\`)`,
    host: (i) => `app-${Math.floor(i / 10)}.example.com`,
    target: (i) => `/v${i % 10}/users/42?page=2`,
  },
  {
    name: 'one wildcard Host each',
    rule: (i) => `Host(\`*.tenant-${i}.example.com\`)`,
    host: (i) => `www.tenant-${i}.example.com`,
    target: () => '/users/42?page=2',
  },
  {
    name: 'Host, PathPrefix, Method and Header each',
    rule: (i) =>
      `Host(\`app-${i}.example.com\`) && PathPrefix(\`/users\`) && Method(\`GET\`) && Header(\`X-Zone\`, \`eu\`)`,
    host: (i) => `app-${i}.example.com`,
    target: () => '/users/42?page=2',
  },
  {
    name: 'unknown host',
    rule: (i) => `Host(\`app-${i}.example.com\`)`,
    host: () => 'unknown.example.org',
    target: () => '/users/42?page=2',
  },
]

const connection: Connection = {
  id: 1,
  entrypoint: 'web',
  remoteAddress: '192.0.2.1',
  remotePort: 40_000,
  localPort: 80,
  encrypted: false,
  serverName: undefined,
  alpn: undefined,
  // The router does not look at it.
  snapshot: {} as Snapshot,
  defer: () => undefined,
}

const options: RouterOptions = { priority_order: 'descending', path_normalization: 'reject' }
const counts = [10, 100, 1000, 10_000]
const requestsPerRun = 1024
const runs = 200

/** Prints a line for each shape. */
export async function benchRouteLookup(): Promise<void> {
  const factory = await routing()
  for (const shape of shapes) {
    const figures = counts.map((count) => `${count}: ${measure(factory, shape, count)}`)
    console.log(`${shape.name.padEnd(42)} ${figures.join('  ')}`)
  }
}

function measure(factory: RoutingFactory<RouterOptions>, shape: Shape, count: number): string {
  const begun = performance.now()
  const findRoute = factory.build(entries(shape, count), options, (problem) => {
    throw new Error(problem.message)
  })
  const built = performance.now() - begun
  const exchanges = Array.from({ length: requestsPerRun }, (_, i) => {
    // A stride that is prime to the counts, so that neighbours do not follow each other.
    return exchange(shape, (i * 7919) % count)
  })
  let best = Infinity
  let found = 0
  for (let run = 0; run < runs; run++) {
    const start = process.hrtime.bigint()
    for (const candidate of exchanges) if (findRoute(candidate) !== undefined) found++
    best = Math.min(best, Number(process.hrtime.bigint() - start) / requestsPerRun)
  }
  if (found !== 0 && found !== requestsPerRun * runs) throw new Error('some were not found')
  return `${best.toFixed(0).padStart(4)} ns (built in ${built.toFixed(1)} ms)`
}

/** What the plugin registers, without a gateway around it. */
async function routing(): Promise<RoutingFactory<RouterOptions>> {
  const { promise, resolve } = Promise.withResolvers<RoutingFactory>()
  const factories = new Map<string, MatcherFactory>()
  const matchers = {
    register: (factory: MatcherFactory) => factories.set(factory.type, factory),
    find: (type: string) => factories.get(type),
    types: () => [...factories.keys()],
  }
  // The plugin touches these two registries only.
  const gateway = { matchers, routings: { register: resolve } } as unknown as PluginGateway
  await router.setup(gateway, undefined)
  return promise
}

function entries({ rule }: Shape, count: number): RouterEntry[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `router-${i}`
    const route = { kind: 'http', router: name, service: 'app', handle: unused } as const
    return { name, rule: rule(i), priority: 0, entrypoints: ['web'], route }
  })
}

function unused(): never {
  throw new Error('nothing is handled here')
}

function exchange({ host, target }: Shape, i: number): RequestContext {
  const headers = new HeaderList(['accept', '*/*', 'user-agent', 'bench', 'x-zone', 'eu'])
  const head = {
    method: 'GET',
    // Strings as a parser makes them: flat, and each request its own.
    target: Buffer.from(target(i)).toString('latin1'),
    authority: Buffer.from(host(i)).toString('latin1'),
    headers,
    upgrade: undefined,
  }
  return new RequestContext(connection, connection.snapshot, new GatewayRequest(head, null))
}
