/**
 * Reads `routers` blocks: references, entrypoints, and the kind that follows from those.
 *
 * @module
 */
import type { BlockReader } from './block-reader.ts'
import { routerSchema } from './block-schemas.ts'
import type { EntrypointPlan, Planned, RouterPlan } from './blueprint.ts'
import type { ConfigPath, RouterConfig } from './config.ts'
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
  return { factory, options: reader.topLevel(factory.schema) }
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
  const kinds = new Set(listening.map(({ factory }) => factory.kind))
  if (!everywhere && kinds.size > 1) {
    const message = 'a router cannot listen on entrypoints of HTTP and of other protocols'
    reader.report({ path: [...path, 'entrypoints'], code: 'GW_CONFIG_KIND', message })
  }
  const kind = kinds.has('stream') && !kinds.has('http') ? 'stream' : 'http'
  return {
    ...config,
    name,
    kind,
    everywhere,
    entrypoints: listening.filter((e) => e.factory.kind === kind).map((e) => e.name),
  }
}

/** Reports routers that no entrypoint of their kind leads to. */
export function checkRouterKinds(
  reader: BlockReader,
  routers: readonly RouterPlan[],
  entrypoints: readonly EntrypointPlan[],
): void {
  // An entrypoint that was refused itself would be named again by each of its routers.
  if (entrypoints.length < Object.keys(reader.labelled('entrypoints')).length) return
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

function references(
  kind: Reference['kind'],
  names: readonly string[],
  path: ConfigPath,
): Reference[] {
  return names.map((name, index) => ({ kind, name, path: [...path, index] }))
}
