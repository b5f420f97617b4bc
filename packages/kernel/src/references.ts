/**
 * Which blocks name which others: missing ones, circles, and what a router depends on.
 *
 * @module
 */

import type { BlockTexts } from './block-texts.ts'
import type { RouterPlan } from './blueprint.ts'
import type { ConfigPath, ConfigProblem, Report } from './config.ts'
import { isRecord } from './merged-config.ts'
import { nearest } from './nearest.ts'
import type { JsonSchema, ReferenceKind } from './schema.ts'

/** A place that names another block. */
export interface Reference {
  readonly kind: ReferenceKind
  readonly name: string
  readonly path: ConfigPath
}

/** A block that is named and is not there. */
export interface MissingBlock {
  readonly section: 'services' | 'middlewares' | 'entrypoints'
  readonly name: string
}

const sections = {
  service: 'services',
  middleware: 'middlewares',
  entrypoint: 'entrypoints',
} as const
const missing = new WeakMap<ConfigProblem, MissingBlock>()

/** What a problem that {@link checkReferences} reported says is not there. */
export function missingIn(problem: ConfigProblem): MissingBlock | undefined {
  return missing.get(problem)
}

/** What the values name, where the schema says `x-gatewright-ref`. */
export function findReferences(schema: object, value: unknown, path: ConfigPath): Reference[] {
  // Every schema here is a JSON Schema of the kinds that `JsonSchema` describes.
  const { properties, items, additionalProperties, ...rest } = schema as JsonSchema
  const kind = rest['x-gatewright-ref']
  if (typeof value === 'string') {
    // The type of schemas allows only these kinds.
    return kind === undefined ? [] : [{ kind: kind as ReferenceKind, name: value, path }]
  }
  if (Array.isArray(value)) {
    return items === undefined
      ? []
      : value.flatMap((item, index) => findReferences(items, item, [...path, index]))
  }
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([key, part]) => {
    const inner = properties?.[key] ?? additionalProperties
    return typeof inner === 'object' ? findReferences(inner, part, [...path, key]) : []
  })
}

/**
 * The blocks that the exchanges of each router depend on, besides its own: its service, its
 * middlewares, and the services that those name. By router; written `services/api`.
 */
export function dependenciesOf(
  routers: readonly RouterPlan[],
  references: readonly Reference[],
): Map<string, readonly string[]> {
  const services = servicesNamedBy(references)
  const closure = (id: string, seen: Set<string>): void => {
    if (seen.has(id)) return
    seen.add(id)
    for (const service of services.get(id) ?? []) closure(`services/${service}`, seen)
  }
  return new Map(
    routers.map(({ name, service, middlewares }) => {
      const seen = new Set<string>()
      closure(`services/${service}`, seen)
      for (const middleware of middlewares) closure(`middlewares/${middleware}`, seen)
      return [name, [...seen]]
    }),
  )
}

/** A text for each router that differs if anything differs that its exchanges depend on. */
export function signaturesOf(
  texts: BlockTexts,
  dependencies: ReadonlyMap<string, readonly string[]>,
): Map<string, string> {
  return new Map(
    [...dependencies].map(([router, ids]) => {
      const parts = ids.map((id) => textOf(texts, id))
      return [router, [texts.routers.get(router), ...parts].join('\n')]
    }),
  )
}

/** Reports what names a block that is not there, and services that name each other in a circle. */
export function checkReferences(
  references: readonly Reference[],
  names: Readonly<Record<ReferenceKind, readonly string[]>>,
  report: Report,
): void {
  const known: Readonly<Record<ReferenceKind, ReadonlySet<string>>> = {
    service: new Set(names.service),
    middleware: new Set(names.middleware),
    entrypoint: new Set(names.entrypoint),
  }
  for (const { kind, name, path } of references) {
    if (known[kind].has(name)) continue
    const suggestion = nearest(name, names[kind])
    const problem = {
      path,
      code: 'GW_UNKNOWN_REFERENCE',
      message:
        `unknown ${kind} "${name}"` +
        (suggestion === undefined ? '' : `; did you mean "${suggestion}"?`),
      ...(suggestion !== undefined && { suggestion }),
    }
    missing.set(problem, { section: sections[kind], name })
    report(problem)
  }
  const cycle = findServiceCycle(references)
  if (cycle === undefined) return
  const message = `services refer to each other in a circle: ${cycle.join(' → ')}`
  const [from = '', to] = cycle
  const closing = references.find(
    ({ kind, name, path }) => kind === 'service' && name === to && path[1] === from,
  )
  report({ path: closing?.path ?? ['services', from], code: 'GW_REFERENCE_CYCLE', message })
}

/** The way round if services name each other in a circle. */
function findServiceCycle(references: readonly Reference[]): string[] | undefined {
  const services = servicesNamedBy(references)
  const done = new Set<string>()
  const trail = new Set<string>()
  const visit = (id: string): string[] | undefined => {
    if (trail.has(id)) return [...[...trail].slice([...trail].indexOf(id)), id]
    if (done.has(id)) return undefined
    trail.add(id)
    for (const service of services.get(id) ?? []) {
      const cycle = visit(`services/${service}`)
      if (cycle !== undefined) return cycle
    }
    trail.delete(id)
    done.add(id)
    return undefined
  }
  for (const id of services.keys()) {
    const cycle = visit(id)
    if (cycle !== undefined) return cycle.map((step) => step.slice('services/'.length))
  }
  return undefined
}

/** The services that each block names, but for routers: `services/api` → names. */
function servicesNamedBy(references: readonly Reference[]): Map<string, string[]> {
  const named = new Map<string, string[]>()
  for (const { kind, name, path } of references) {
    const [section, label] = path
    if (kind !== 'service' || section === 'routers') continue
    const id = `${String(section)}/${String(label)}`
    const names = named.get(id)
    if (names === undefined) named.set(id, [name])
    else names.push(name)
  }
  return named
}

function textOf({ services, middlewares }: BlockTexts, id: string): string | undefined {
  const slash = id.indexOf('/')
  const blocks = id.slice(0, slash) === 'services' ? services : middlewares
  return blocks.get(id.slice(slash + 1))
}
