/**
 * How long one look-up of a route takes, by shape and number of routers.
 *
 * @module
 */
import type { MatcherFactory, PluginGateway, RouterEntry, RoutingFactory } from '@gatewright/kernel'
import router, { type RouterOptions } from '@gatewright/plugin-router'
import { createExchange } from './exchange.ts'
import type { MicroResult } from './micro.ts'
import { bestNanos } from './timing.ts'

interface Shape {
  readonly name: string
  readonly rule: (i: number) => string
  readonly host: (i: number) => string
  readonly target: (i: number) => string
}

const typical: Shape = {
  name: 'Host and PathPrefix, 10 prefixes a host',
  rule: (i) => `Host(\`app-${Math.floor(i / 10)}.example.com\`) && PathPrefix(\`/v${i % 10}/\`)`,
  host: (i) => `app-${Math.floor(i / 10)}.example.com`,
  target: (i) => `/v${i % 10}/users/42?page=2`,
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
  typical,
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

const options: RouterOptions = { priority_order: 'descending', path_normalization: 'reject' }
const counts = [10, 2000, 10_000]
const requestsPerRun = 1024
/** For 2,000 routers of the shape that is most common in earnest. */
const bar = 300

/** Figures of every shape with every number of routers. */
export async function measureRouteLookup(): Promise<readonly MicroResult[]> {
  const factory = await routing()
  return shapes.flatMap((shape) =>
    counts.map((count) => ({
      name: `route look-up, ${shape.name}, ${count} routers`,
      nanos: measure(factory, shape, count),
      ...(shape === typical && count === 2000 && { bar }),
    })),
  )
}

function measure(factory: RoutingFactory<RouterOptions>, shape: Shape, count: number): number {
  const findRoute = factory.build(entries(shape, count), options, (problem) => {
    throw new Error(problem.message)
  })
  const exchanges = Array.from({ length: requestsPerRun }, (_, i) => {
    // A stride that is prime to the counts, so that neighbours do not follow each other.
    const which = (i * 7919) % count
    return createExchange(shape.host(which), shape.target(which))
  })
  const isFound = exchanges.map((exchange) => findRoute(exchange) !== undefined)
  if (isFound.includes(true) && isFound.includes(false)) throw new Error('some were not found')
  return bestNanos(requestsPerRun, () => {
    for (const exchange of exchanges) findRoute(exchange)
  })
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
