/**
 * Reads `services` blocks: servers, strategy, transports, features.
 *
 * @module
 */
import { type BlockReader, unwrapped } from './block-reader.ts'
import { combine, loadBalancerKeys, pick } from './block-schemas.ts'
import type { Planned, ServicePlan } from './blueprint.ts'
import type { ConfigPath, Report } from './config.ts'
import type { EndpointTarget } from './endpoint-pool.ts'
import { isRecord } from './merged-config.ts'
import { loadAll, reportMisplaced } from './misplaced-keys.ts'
import type { AbsentPlugin } from './plugin.ts'
import type { JsonSchema } from './schema.ts'
import type { AnyTransportFactory, BalancerFactory, ServiceFeatureFactory } from './service.ts'
import { serviceStandIn } from './stand-ins.ts'

type Block = Readonly<Record<string, unknown>>

/**
 * Understands one `services` block. `undefined` if it is of no use.
 * @param bareScheme Of servers whose address has none.
 */
export async function readService(
  reader: BlockReader,
  name: string,
  block: unknown,
  bareScheme: string = 'http',
): Promise<ServicePlan | undefined> {
  const path = ['services', name]
  const where = [...path, 'load_balancer']
  const raw = unwrapped(block) ?? {}
  const rawBalancer = unwrapped(raw['load_balancer']) ?? {}
  const balancer = await findBalancer(reader, rawBalancer, where)
  await findFeatures(reader, raw, path)
  await findFeatures(reader, rawBalancer, where)
  const transports = await findTransports(reader, rawBalancer, bareScheme, where)
  const absent = findAbsent(reader, raw, rawBalancer, { path, where })
  if (absent !== undefined) {
    reader.keep('services', name, { ...raw })
    return serviceStandIn(name, absent)
  }
  if (balancer === undefined) return undefined
  const parts = { balancer, transports }
  const rest = await withoutMisplaced(reader, parts, { block, raw, rawBalancer, path, where })
  const [outer, inner] = featuresOf(reader)
  const schema = schemaOf(parts, outer, inner)
  const options = reader.block(rest, schema, path)
  const balancing = options?.['load_balancer']
  if (options === undefined || !isRecord(balancing)) return undefined
  reader.keep('services', name, options)
  const features = [...planned(outer, options), ...planned(inner, balancing)]
  const servers = balancing['servers']
  const none = isEmpty(servers) && features.some(mayStandAlone)
  const targets = none
    ? []
    : readTargets(servers, bareScheme, schemesFor(reader), where, reader.report)
  if (targets === undefined) return undefined
  return {
    name,
    targets,
    balancer: { factory: balancer, options: pick(balancing, balancer.schema) },
    transports: transports.map((factory) => ({
      factory,
      options: pick(balancing, factory.schema),
    })),
    features: features.toSorted((a, b) => a.factory.stage - b.factory.stage),
  }
}

/** The plugin that is left out, if the service cannot be without it. */
function findAbsent(
  reader: BlockReader,
  raw: Block,
  balancing: Block,
  { path, where }: Pick<Written, 'path' | 'where'>,
): AbsentPlugin | undefined {
  if (reader.standIns.absent.length === 0) return undefined
  const { host } = reader
  const features = host.knownTypes('service feature', host.serviceFeatures)
  const outer = Object.keys(raw).filter((key) => key !== 'load_balancer' && !features.includes(key))
  for (const key of outer) reader.isExcused('service feature', key, [...path, key], features)
  // Most keys in there belong to strategies and transports, so one has to be sure.
  const inner = Object.keys(balancing).filter((key) => !features.includes(key))
  for (const key of inner) reader.isExcused('service feature', key, [...where, key])
  const schemes = schemesOf(balancing, '')
  const known = host.transports.all().flatMap(({ schemes: served }) => served)
  const unserved = schemes.filter((scheme) => scheme !== '' && !known.includes(scheme))
  for (const scheme of unserved) {
    reader.isExcused('transport', scheme, where, [
      ...known,
      ...host.knownTypes('transport', host.transports),
    ])
  }
  const keys = [...outer, ...inner].map((key) => reader.absentFor('service feature', key))
  const others = unserved.map((scheme) => reader.absentFor('transport', scheme))
  const strategy = reader.absentFor('balancer', String(balancing['strategy']))
  return [strategy, ...keys, ...others].find((plugin) => plugin !== undefined)
}

/** Who has the keys of a `load_balancer` block besides features. */
interface BalancingParts {
  readonly balancer: BalancerFactory
  readonly transports: readonly AnyTransportFactory[]
}

/** Both blocks of a service as they were written, and where. */
interface Written {
  readonly block: unknown
  readonly raw: Block
  readonly rawBalancer: Block
  readonly path: ConfigPath
  readonly where: ConfigPath
}

/** The block without the keys of which was said where they belong. */
async function withoutMisplaced(
  reader: BlockReader,
  parts: BalancingParts,
  { block, raw, rawBalancer, path, where }: Written,
): Promise<unknown> {
  const known = (): Record<'outer' | 'inner', string[]> => {
    const { properties = {} } = schemaOf(parts, ...featuresOf(reader))
    return {
      outer: Object.keys(properties),
      inner: Object.keys(properties['load_balancer']?.properties ?? {}),
    }
  }
  const { outer, inner } = known()
  const strange = [
    ...Object.keys(raw).filter((key) => !outer.includes(key)),
    ...Object.keys(rawBalancer).filter((key) => !inner.includes(key)),
  ]
  if (strange.length === 0) return block
  await loadAll(reader, 'service feature', reader.host.serviceFeatures)
  await loadAll(reader, 'balancer', reader.host.balancers)
  const all = known()
  const gone = reportMisplaced(reader, raw, all.outer, 'service', path)
  const goneInside = reportMisplaced(reader, rawBalancer, all.inner, 'load_balancer', where)
  if (gone.length + goneInside.length === 0) return block
  const rest = without(raw, gone)
  return goneInside.length === 0
    ? rest
    : { ...rest, load_balancer: without(rawBalancer, goneInside) }
}

function without(block: Block, keys: readonly string[]): Block {
  return Object.fromEntries(Object.entries(block).filter(([key]) => !keys.includes(key)))
}

function featuresOf({
  host,
}: BlockReader): [outer: ServiceFeatureFactory[], inner: ServiceFeatureFactory[]] {
  const all = host.serviceFeatures.all()
  return [
    all.filter(({ parent }) => parent === 'service'),
    all.filter(({ parent }) => parent === 'load_balancer'),
  ]
}

function schemaOf(
  { balancer, transports }: BalancingParts,
  outer: readonly ServiceFeatureFactory[],
  inner: readonly ServiceFeatureFactory[],
): JsonSchema {
  const own = { ...loadBalancerKeys, ...blocksOf(inner) }
  const schemas = [balancer.schema, ...transports.map(({ schema }) => schema)]
  const balancing = { ...combine(own, [], schemas), default: {} }
  return combine({ load_balancer: balancing, ...blocksOf(outer) }, [], [])
}

async function findBalancer(
  reader: BlockReader,
  block: Block,
  path: ConfigPath,
): Promise<BalancerFactory | undefined> {
  const { strategy } = block
  // Anything but a string is refused with the rest of the block.
  const type = typeof strategy === 'string' ? strategy : 'round-robin'
  const where = [...path, 'strategy']
  return reader.factory('balancer', reader.host.balancers, type, where, 'strategy')
}

/** Loads the features whose blocks are there. */
async function findFeatures(reader: BlockReader, block: Block, path: ConfigPath): Promise<void> {
  const { serviceFeatures } = reader.host
  for (const key of Object.keys(block)) {
    if (key === 'load_balancer' || Object.hasOwn(loadBalancerKeys, key)) continue
    await reader.find('service feature', serviceFeatures, key, [...path, key])
  }
}

async function findTransports(
  reader: BlockReader,
  balancer: Block,
  bareScheme: string,
  path: ConfigPath,
): Promise<AnyTransportFactory[]> {
  const { transports } = reader.host
  const schemes = schemesOf(balancer, bareScheme)
  const found = new Set<AnyTransportFactory>()
  for (const scheme of schemes) {
    const known = transports.all().find((factory) => factory.schemes.includes(scheme))
    if (known === undefined) await reader.find('transport', transports, scheme, path)
    const factory = known ?? transports.all().find(({ schemes: all }) => all.includes(scheme))
    if (factory === undefined) continue
    // Marks the plugin as used.
    await reader.find('transport', transports, factory.type, path)
    found.add(factory)
  }
  return [...found]
}

/** Of the servers, each once. */
function schemesOf(balancer: Block, bareScheme: string): string[] {
  const servers = balancer['servers']
  const list: unknown[] = Array.isArray(servers) ? servers : [servers]
  const schemes = list.map((server) => {
    const url = isRecord(server) ? server['url'] : undefined
    return (typeof url === 'string' ? schemeOf(url) : undefined) ?? bareScheme
  })
  return [...new Set(schemes)]
}

function schemeOf(url: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase()
}

function blocksOf(features: readonly ServiceFeatureFactory[]): Record<string, JsonSchema> {
  return Object.fromEntries(
    // An options schema is a JSON Schema.
    features.map(({ type, schema }) => [type, schema as unknown as JsonSchema]),
  )
}

function planned(
  features: readonly ServiceFeatureFactory[],
  block: Block,
): Planned<ServiceFeatureFactory>[] {
  return features
    .filter(({ type }) => block[type] !== undefined)
    .map((factory) => ({ factory, options: block[factory.type] }))
}

function mayStandAlone({ factory, options }: Planned<ServiceFeatureFactory>): boolean {
  return factory.needsNoServers?.(options) === true
}

function isEmpty(servers: unknown): boolean {
  return servers === undefined || (Array.isArray(servers) && servers.length === 0)
}

/** What servers may be reached by. */
interface Schemes {
  readonly served: ReadonlySet<string>
  /** Also those of plugins that nothing has needed so far. */
  readonly known: ReadonlySet<string>
}

function schemesFor({ host }: BlockReader): Schemes {
  const served = new Set(host.transports.all().flatMap(({ schemes }) => schemes))
  return { served, known: new Set([...served, ...(host.loader?.types('transport') ?? [])]) }
}

function readTargets(
  servers: unknown,
  bareScheme: string,
  schemes: Schemes,
  path: ConfigPath,
  report: Report,
): EndpointTarget[] | undefined {
  const list: unknown[] = Array.isArray(servers) ? servers : []
  if (list.length === 0) {
    report({ path, code: 'GW_CONFIG_NO_SERVERS', message: 'the service has no servers' })
    return undefined
  }
  const targets = list.flatMap((server, index): EndpointTarget[] => {
    // Validated: each has a url and a weight.
    const { url: text, weight } = server as { readonly url: string; readonly weight: number }
    const address = schemeOf(text) === undefined ? `${bareScheme}://${text}` : text
    const url = readUrl(address, schemes, [...path, 'servers', index, 'url'], report)
    return url === undefined ? [] : [{ url, weight }]
  })
  if (targets.length < list.length) return undefined
  if (targets.some(({ weight }) => weight > 0)) return targets
  report({
    path: [...path, 'servers'],
    code: 'GW_CONFIG_RANGE',
    message: 'every server has the weight 0; at least one must take requests',
  })
  return undefined
}

function readUrl(
  text: string,
  { served, known }: Schemes,
  path: ConfigPath,
  report: Report,
): URL | undefined {
  const refuse = (message: string, hint?: string): undefined => {
    report({ path, code: 'GW_CONFIG_URL', message, ...(hint !== undefined && { hint }) })
  }
  const url = URL.parse(text)
  if (url === null) return refuse(`"${text}" is not a URL; expected "http://host:port"`)
  const scheme = url.protocol.slice(0, -1)
  if (!served.has(scheme)) {
    const list = known.size === 0 ? 'none' : [...known].toSorted().join(', ')
    const hint = `a plugin has to register a transport for "${scheme}"`
    return refuse(`nothing sends to "${scheme}:"; known schemes: ${list}`, hint)
  }
  if (url.hostname === '') return refuse(`"${text}" has no host`)
  if (url.username !== '' || url.password !== '') return refuse('a server URL takes no user name')
  if (url.search !== '' || url.hash !== '') return refuse('a server URL takes no query or fragment')
  return url
}
