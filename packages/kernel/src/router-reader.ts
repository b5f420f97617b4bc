/**
 * Reads `routers` blocks: references, entrypoints, and the kind that follows from those.
 *
 * @module
 */
import { type BlockReader, unwrapped } from './block-reader.ts'
import { routerSchema } from './block-schemas.ts'
import type { EntrypointPlan, Planned, RouterPlan } from './blueprint.ts'
import type { ConfigPath, RouterConfig } from './config.ts'
import type { ProtocolFactory } from './protocol.ts'
import type { Reference } from './references.ts'
import type { RoutingFactory } from './routing.ts'

/** Finds what compiles the routers, and reads its keys at top level. */
export async function readRouting(
  reader: BlockReader,
): Promise<Planned<RoutingFactory> | undefined> {
  const { routings } = reader.host
  const registered = routings.types()[0]
  const hasRouters = Object.keys(reader.labelled('routers')).length > 0
  if (registered === undefined && !hasRouters) return undefined
  const factory = await reader.factory('routing', routings, registered ?? 'rules', ['routers'])
  if (factory === undefined) return undefined
  await findMatchers(reader)
  return { factory, options: reader.topLevel(factory.schema) }
}

/** Loads the plugins of matchers that rules name, and marks them as used. */
async function findMatchers(reader: BlockReader): Promise<void> {
  const { matchers } = reader.host
  for (const [name, block] of Object.entries(reader.labelled('routers'))) {
    const rule = unwrapped(block)?.['rule']
    if (typeof rule !== 'string') continue
    // What looks like one, be it in a literal. What nobody has is refused with the rule.
    for (const [, type = ''] of rule.matchAll(/\b([A-Z][A-Za-z0-9]*)\s*\(/g)) {
      await reader.find('matcher', matchers, type, ['routers', name, 'rule'])
    }
  }
}

/** Understands one `routers` block. `undefined` if it is of no use. */
export function readRouter(
  reader: BlockReader,
  name: string,
  block: unknown,
  entrypoints: readonly EntrypointPlan[],
): RouterPlan | undefined {
  const path = ['routers', name]
  const options = reader.block(block, routerSchema, path)
  if (options === undefined) return undefined
  reader.keep('routers', name, options)
  // Validated against the schema of routers just now.
  const config = options as unknown as RouterConfig
  reader.references.push(
    { kind: 'service', name: config.service, path: [...path, 'service'] },
    ...references('middleware', config.middlewares, [...path, 'middlewares']),
    ...references('entrypoint', config.entrypoints, [...path, 'entrypoints']),
  )
  const everywhere = config.entrypoints.length === 0
  const listening = everywhere
    ? entrypoints
    : entrypoints.filter((entrypoint) => config.entrypoints.includes(entrypoint.name))
  const known = listening.map(({ factory }) => factory)
  const protocols = known.length > 0 ? known : protocolsOf(reader, config.entrypoints)
  const kinds = new Set(protocols.map((protocol) => protocol.kind))
  const kind = kinds.has('stream') && !kinds.has('http') ? 'stream' : 'http'
  const ofKind = protocols.filter((protocol) => protocol.kind === kind)
  const networks = new Set(ofKind.map((protocol) => protocol.network))
  // HTTP is the same over either, streams and datagrams are not.
  const network = networks.has('udp') && !networks.has('tcp') ? 'udp' : 'tcp'
  const mixed = mixtureOf(kinds, kind, networks)
  if (!everywhere && mixed !== undefined) {
    const message = `a router cannot listen on entrypoints of ${mixed}`
    reader.report({ path: [...path, 'entrypoints'], code: 'GW_CONFIG_KIND', message })
  }
  return {
    ...config,
    name,
    kind,
    network,
    everywhere,
    entrypoints: listening
      .filter(({ factory }) => factory.kind === kind)
      .filter(({ factory }) => kind === 'http' || factory.network === network)
      .map((entrypoint) => entrypoint.name),
  }
}

/** Of entrypoints that were refused: their routers are not to be blamed for rules of their kind. */
function protocolsOf(reader: BlockReader, names: readonly string[]): ProtocolFactory[] {
  return Object.entries(reader.labelled('entrypoints')).flatMap(([name, block]) => {
    if (names.length > 0 && !names.includes(name)) return []
    const type = unwrapped(block)?.['protocol']
    return (typeof type === 'string' && reader.host.protocols.find(type)) || []
  })
}

/** What does not go together; `undefined` if all of it does. */
function mixtureOf(
  kinds: ReadonlySet<string>,
  kind: RouterPlan['kind'],
  networks: ReadonlySet<string>,
): string | undefined {
  if (kinds.size > 1) return 'HTTP and of other protocols'
  return kind === 'stream' && networks.size > 1 ? 'TCP and of UDP' : undefined
}

/** Reports entrypoints for datagrams whose datagrams would go nowhere, or in two ways. */
export function checkDatagramRouters(
  reader: BlockReader,
  routers: readonly RouterPlan[],
  entrypoints: readonly EntrypointPlan[],
): void {
  // One that was refused itself may be the one that is missing.
  if (routers.length < Object.keys(reader.labelled('routers')).length) return
  for (const { name, factory } of entrypoints) {
    if (factory.kind !== 'stream' || factory.network !== 'udp') continue
    const names = routers.filter((r) => r.entrypoints.includes(name)).map((r) => `"${r.name}"`)
    if (names.length === 1) continue
    const found = names.length === 0 ? 'none' : names.join(', ')
    reader.report({
      path: ['entrypoints', name],
      code: 'GW_CONFIG_KIND',
      message: `expected exactly one router for an entrypoint of "${factory.type}", found ${found}`,
    })
  }
}

/** Reports routers that no entrypoint of their kind leads to. */
export function checkRouterKinds(
  reader: BlockReader,
  routers: readonly RouterPlan[],
  entrypoints: readonly EntrypointPlan[],
): void {
  // An entrypoint that was refused itself would be named again by each of its routers.
  if (someRefused(reader, entrypoints)) return
  for (const { name, everywhere, entrypoints: listening, kind } of routers) {
    // One that names its entrypoints is blamed for a wrong name only.
    if (!everywhere || listening.length > 0) continue
    reader.report({
      path: ['routers', name],
      code: 'GW_CONFIG_KIND',
      message: `no entrypoint for a router of kind "${kind}"`,
      hint: 'add an "entrypoints" block',
    })
  }
}

function someRefused(reader: BlockReader, entrypoints: readonly EntrypointPlan[]): boolean {
  return entrypoints.length < Object.keys(reader.labelled('entrypoints')).length
}

function references(
  kind: Reference['kind'],
  names: readonly string[],
  path: ConfigPath,
): Reference[] {
  return names.map((name, index) => ({ kind, name, path: [...path, index] }))
}
