/**
 * Understands a configuration: loads the plugins that it names, checks every block against the
 * schema of its factory, resolves every reference. Goes on after a problem, to find them all.
 *
 * @module
 */
import { addressesConflict, tryAddress } from './address.ts'
import {
  combine,
  commonMiddlewareKeys,
  entrypointKeys,
  pick,
  routerSchema,
  topLevelKeys,
} from './block-schemas.ts'
import type {
  Blueprint,
  CommonKeys,
  EntrypointPlan,
  MiddlewarePlan,
  Planned,
  RouterPlan,
  SectionPlan,
  ServicePlan,
} from './blueprint.ts'
import { deepFreeze } from './canonical.ts'
import type { ConfigPath, ConfigProblem, GatewayConfig, Report, RouterConfig } from './config.ts'
import { type GatewayError, isGatewayError, problemOf } from './errors.ts'
import { isRecord, type MergedConfig } from './merged-config.ts'
import { nearest } from './nearest.ts'
import type { ExtensionKind } from './plugin.ts'
import type { PluginHost } from './plugin-host.ts'
import type { ProviderFactory } from './provider.ts'
import { findReferences, findServiceCycle, type Reference, signaturesOf } from './references.ts'
import type { PluginRegistry } from './registry.ts'
import type { RoutingFactory } from './routing.ts'
import type { AnyOptions, OptionsSchema } from './schema.ts'
import { readService } from './service-reader.ts'
import { unknownKey, validate } from './validation.ts'

const ownKeys = ['entrypoints', 'routers', 'services', 'middlewares', 'providers']

/** Reads one configuration; made anew for each. */
export class ConfigReader {
  readonly host: PluginHost
  readonly report: Report
  readonly #merged: MergedConfig
  readonly #plugins: Set<string>
  readonly #config: Record<string, unknown> = Object.create(null)
  readonly #references: Reference[] = []

  constructor(host: PluginHost, merged: MergedConfig, report: Report) {
    this.host = host
    this.report = report
    this.#merged = merged
    this.#plugins = new Set(host.given)
  }

  /** The result is of use only if nothing was reported. */
  async read(): Promise<Blueprint> {
    await this.#setUpListed()
    const routing = await this.#readRouting()
    const sections = await this.#readTopLevel(routing)
    const entrypoints = await this.#readEach('entrypoints', (n, b) => this.#readEntrypoint(n, b))
    const services = await this.#readEach('services', (n, b) => readService(this, n, b))
    const middlewares = await this.#readEach('middlewares', (n, b) => this.#readMiddleware(n, b))
    const routers = await this.#readEach('routers', (n, b) => this.#readRouter(n, b, entrypoints))
    const providers = await this.#readProviders()
    this.#checkAddresses(entrypoints)
    this.#checkRouterKinds(routers, entrypoints)
    this.#checkReferences()
    // Every part was put in by the readers above.
    const config = deepFreeze(this.#config) as unknown as GatewayConfig
    return {
      config,
      plugins: this.#plugins,
      entrypoints,
      middlewares,
      services,
      routers,
      routing,
      sections,
      providers,
      signatures: signaturesOf(config, routers, this.#references),
    }
  }

  /**
   * Validates one block, records its references, and keeps it as part of the configuration.
   * `undefined` if it is of no use.
   */
  block(value: unknown, schema: object, path: ConfigPath): Record<string, unknown> | undefined {
    const problems: ConfigProblem[] = []
    const collect: Report = (problem) => problems.push(problem)
    const shaped = this.#merged.shape(value, schema, path, collect)
    const options = problems.length === 0 ? validate(schema, shaped, path, collect) : undefined
    for (const problem of problems) this.report(problem)
    if (problems.length > 0 || !isRecord(options)) return undefined
    this.#references.push(...findReferences(schema, options, path))
    return options
  }

  /** The factory of a type, with its plugin marked as used. Reports an unknown type. */
  async factory<F extends { readonly type: string }>(
    kind: ExtensionKind,
    registry: PluginRegistry<F>,
    type: string,
    path: ConfigPath,
    noun: string = kind,
  ): Promise<F | undefined> {
    const factory = await this.find(kind, registry, type, path)
    if (factory !== undefined) return factory
    const known = this.host.knownTypes(kind, registry)
    const suggestion = nearest(type, known)
    const rest =
      suggestion === undefined
        ? `; known: ${known.length === 0 ? 'none' : known.join(', ')}`
        : `; did you mean "${suggestion}"?`
    this.report({
      path,
      code: 'GW_UNKNOWN_TYPE',
      message: `unknown ${noun} "${type}"${rest}`,
      ...(suggestion !== undefined && { suggestion }),
    })
    return undefined
  }

  /** The same without a report if there is no such type. */
  async find<F extends { readonly type: string }>(
    kind: ExtensionKind,
    registry: PluginRegistry<F>,
    type: string,
    path: ConfigPath,
  ): Promise<F | undefined> {
    try {
      const factory = await this.host.find(kind, type, registry)
      const plugin = registry.ownerOf(type)
      if (plugin !== undefined) this.#plugins.add(plugin)
      return factory
    } catch (error) {
      this.reportError(error, path)
      return undefined
    }
  }

  reportError(error: unknown, path: ConfigPath): void {
    if (!isGatewayError(error)) {
      return this.report({ path, code: 'GW_INTERNAL', message: problemOf(error) })
    }
    const { code, message, problems } = error
    if (problems.length === 0) return this.report({ path, code, message, ...hintOf(error) })
    for (const problem of problems) {
      this.report({ ...problem, path: [...path, ...problem.path] })
    }
  }

  async #setUpListed(): Promise<void> {
    const { loader } = this.host
    if (loader === undefined) return
    const listed = await loader.listed(this.#merged.config, this.report)
    for (const { plugin, options, path, source } of listed) {
      const schema = plugin.schema ?? {
        type: 'object',
        additionalProperties: false,
        properties: {},
      }
      const given = options === undefined ? {} : options
      const shaped = this.block(given, schema, path)
      if (shaped === undefined) continue
      try {
        const own = plugin.schema === undefined ? undefined : shaped
        await this.host.ensure({ plugin, options: own, source })
        this.#plugins.add(plugin.name)
      } catch (error) {
        this.reportError(error, path)
      }
    }
    for (const key of loader.keys) {
      const value = this.#merged.config[key]
      if (value !== undefined) this.#config[key] = value
    }
  }

  async #readRouting(): Promise<Planned<RoutingFactory> | undefined> {
    const { routings } = this.host
    const registered = routings.types()[0]
    const hasRouters = Object.keys(this.#blocks('routers')).length > 0
    if (registered === undefined && !hasRouters) return undefined
    const path = ['routers']
    const factory = await this.factory('routing', routings, registered ?? 'rules', path)
    if (factory === undefined) return undefined
    const given = pick(this.#merged.config, factory.schema)
    const options = validate(factory.schema, given, [], this.report)
    if (isRecord(options)) Object.assign(this.#config, pick(options, factory.schema))
    return { factory, options }
  }

  async #readTopLevel(routing: Planned<RoutingFactory> | undefined): Promise<SectionPlan[]> {
    const { config } = this.#merged
    const own = combine(topLevelKeys, [], [])
    const attributes: Record<string, unknown> = {}
    const plans: SectionPlan[] = []
    const routingKeys = Object.keys(routing?.factory.schema.properties ?? {})
    const elsewhere = new Set([...ownKeys, ...routingKeys, ...(this.host.loader?.keys ?? [])])
    for (const [key, value] of Object.entries(config)) {
      if (elsewhere.has(key)) continue
      if (Object.hasOwn(topLevelKeys, key)) attributes[key] = value
      else plans.push(...(await this.#readSection(key, value)))
    }
    const options = validate(own, attributes, [], this.report)
    if (isRecord(options)) Object.assign(this.#config, options)
    return plans
  }

  async #readSection(key: string, value: unknown): Promise<SectionPlan[]> {
    const path = [key]
    const section = await this.find('section', this.host.sections, key, path)
    if (section === undefined) {
      const known = [...ownKeys, ...Object.keys(topLevelKeys), ...(this.host.loader?.keys ?? [])]
      known.push(...this.host.knownTypes('section', this.host.sections))
      this.report(unknownKey(path, known))
      return []
    }
    const { labelled, schema } = section.factory
    if (!labelled) {
      const options = this.block(value, schema, path)
      if (options === undefined) return []
      this.#config[key] = options
      return [{ section, label: undefined, options }]
    }
    return Object.entries(this.#labelled(value, path)).flatMap(([label, block]) => {
      const options = this.block(block, schema, [key, label])
      if (options === undefined) return []
      this.#keep(key, label, options)
      return [{ section, label, options }]
    })
  }

  async #readEach<T>(
    key: string,
    read: (name: string, block: unknown) => Promise<T | undefined>,
  ): Promise<T[]> {
    this.#config[key] = Object.create(null)
    const plans: T[] = []
    for (const [name, block] of Object.entries(this.#blocks(key))) {
      const plan = await read(name, block)
      if (plan !== undefined) plans.push(plan)
    }
    return plans
  }

  #blocks(key: string): Record<string, unknown> {
    return this.#labelled(this.#merged.config[key], [key])
  }

  #labelled(value: unknown, path: ConfigPath): Record<string, unknown> {
    if (value === undefined) return {}
    if (isRecord(value)) return value
    const message = `a "${String(path[0])}" block needs a label`
    this.report({ path, code: 'GW_CONFIG_LABEL', message })
    return {}
  }

  #keep(key: string, name: string, options: Record<string, unknown>): void {
    const blocks: unknown = this.#config[key] ?? Object.create(null)
    this.#config[key] = blocks
    if (isRecord(blocks)) blocks[name] = options
  }

  /** Keeps a block of a service; for the service reader. */
  keepService(name: string, options: Record<string, unknown>): void {
    this.#keep('services', name, options)
  }

  async #readEntrypoint(name: string, block: unknown): Promise<EntrypointPlan | undefined> {
    const path = ['entrypoints', name]
    const raw = unwrapped(block)
    const type = typeof raw?.['protocol'] === 'string' ? raw['protocol'] : 'http'
    const { protocols, entrypointFeatures } = this.host
    const factory = await this.factory('protocol', protocols, type, [...path, 'protocol'])
    if (factory === undefined) return undefined
    const known = new Set([
      ...Object.keys(entrypointKeys),
      ...Object.keys(factory.schema.properties),
    ])
    for (const key of Object.keys(raw ?? {})) {
      if (!known.has(key)) await this.find('entrypoint feature', entrypointFeatures, key, path)
    }
    const features = entrypointFeatures
      .all()
      .filter(({ protocols: only }) => only === undefined || only.includes(type))
    const schemas = [factory.schema, ...features.map(({ schema }) => schema)]
    const options = this.block(block, combine(entrypointKeys, ['address'], schemas), path)
    if (options === undefined) return undefined
    const addressText = String(options['address'])
    const address = tryAddress(addressText)
    if (address === undefined) {
      const message = `invalid address "${addressText}"; expected "host:port", "[v6]:port" or ":port"`
      this.report({ path: [...path, 'address'], code: 'GW_CONFIG_ADDRESS', message })
      return undefined
    }
    this.#keep('entrypoints', name, options)
    return {
      name,
      address,
      addressText,
      factory,
      options: pick(options, factory.schema),
      features: features
        .filter(({ schema }) => isMentioned(schema, raw))
        .map((feature) => ({ factory: feature, options: pick(options, feature.schema) })),
    }
  }

  async #readMiddleware(name: string, block: unknown): Promise<MiddlewarePlan | undefined> {
    const path = ['middlewares', name]
    const type = unwrapped(block)?.['type']
    if (typeof type !== 'string') {
      const message = type === undefined ? '"type" is required' : '"type" must be a string'
      this.report({ path, code: 'GW_CONFIG_MISSING_KEY', message })
      return undefined
    }
    const { middlewares } = this.host
    const where = [...path, 'type']
    if (await this.#belongsToEntrypoints(type, where)) return undefined
    const factory = await this.factory('middleware', middlewares, type, where, 'middleware type')
    if (factory === undefined) return undefined
    const typeKey = { type: { type: 'string', description: 'Which middleware it is.' } }
    const schema = combine(typeKey, [], [commonMiddlewareKeys, factory.schema])
    const options = this.block(block, schema, path)
    if (options === undefined) return undefined
    this.#keep('middlewares', name, options)
    // The schema of the common keys was part of the validation.
    const common = pick(options, commonMiddlewareKeys) as unknown as CommonKeys
    return { name, factory, options: pick(options, factory.schema), common }
  }

  /** A feature of entrypoints that somebody takes for a middleware. */
  async #belongsToEntrypoints(type: string, path: ConfigPath): Promise<boolean> {
    const { middlewares, entrypointFeatures } = this.host
    if (this.host.knownTypes('middleware', middlewares).includes(type)) return false
    const feature = await this.find('entrypoint feature', entrypointFeatures, type, path)
    if (feature === undefined) return false
    const keys = Object.keys(feature.schema.properties)
    this.report({
      path,
      code: 'GW_UNKNOWN_TYPE',
      message: `"${type}" is not a middleware; set ${keys.join(', ')} in an "entrypoints" block`,
    })
    return true
  }

  async #readRouter(
    name: string,
    block: unknown,
    entrypoints: readonly EntrypointPlan[],
  ): Promise<RouterPlan | undefined> {
    const path = ['routers', name]
    const options = this.block(block, routerSchema, path)
    if (options === undefined) return undefined
    this.#keep('routers', name, options)
    // Validated against the schema of routers just now.
    const config = options as unknown as RouterConfig
    this.#references.push(
      { kind: 'service', name: config.service, path: [...path, 'service'] },
      ...references('middleware', config.middlewares, [...path, 'middlewares']),
      ...references('entrypoint', config.entrypoints, [...path, 'entrypoints']),
    )
    const named = entrypoints.filter((entrypoint) => config.entrypoints.includes(entrypoint.name))
    const kinds = new Set(
      (config.entrypoints.length === 0 ? entrypoints : named).map(({ factory }) => factory.kind),
    )
    if (config.entrypoints.length > 0 && kinds.size > 1) {
      const message = 'a router cannot listen on entrypoints of HTTP and of other protocols'
      this.report({ path: [...path, 'entrypoints'], code: 'GW_CONFIG_KIND', message })
    }
    const kind = kinds.has('stream') && !kinds.has('http') ? 'stream' : 'http'
    const listening = config.entrypoints.length > 0 ? named : entrypoints
    return {
      ...config,
      name,
      kind,
      entrypoints: listening.filter((e) => e.factory.kind === kind).map((e) => e.name),
    }
  }

  async #readProviders(): Promise<Planned<ProviderFactory>[]> {
    const kept: Record<string, unknown> = Object.create(null)
    this.#config['providers'] = kept
    const value = this.#merged.config['providers']
    const path = ['providers']
    const blocks = value === undefined ? {} : (unwrapped(value) ?? {})
    const plans: Planned<ProviderFactory>[] = []
    for (const [type, block] of Object.entries(blocks)) {
      const where = [...path, type]
      const factory = await this.factory('provider', this.host.providers, type, where)
      if (factory === undefined) continue
      const options = this.block(block, factory.schema, where)
      if (options === undefined) continue
      kept[type] = options
      plans.push({ factory, options })
    }
    return plans
  }

  #checkAddresses(entrypoints: readonly EntrypointPlan[]): void {
    for (const [index, entrypoint] of entrypoints.entries()) {
      const { network } = entrypoint.factory
      const other = entrypoints
        .slice(0, index)
        .find(
          (e) => e.factory.network === network && addressesConflict(e.address, entrypoint.address),
        )
      if (other === undefined) continue
      this.report({
        path: ['entrypoints', entrypoint.name, 'address'],
        code: 'GW_CONFIG_ADDRESS_CONFLICT',
        message: `address already used by entrypoint "${other.name}"`,
      })
    }
  }

  #checkRouterKinds(routers: readonly RouterPlan[], entrypoints: readonly EntrypointPlan[]): void {
    // An entrypoint that was refused itself would be named again by each of its routers.
    if (entrypoints.length < Object.keys(this.#blocks('entrypoints')).length) return
    for (const { name, entrypoints, kind } of routers) {
      if (entrypoints.length > 0) continue
      this.report({
        path: ['routers', name],
        code: 'GW_CONFIG_KIND',
        message: `no entrypoint for a router of kind "${kind}"`,
        hint: 'add an "entrypoints" block',
      })
    }
  }

  #checkReferences(): void {
    const names: Readonly<Record<Reference['kind'], readonly string[]>> = {
      service: Object.keys(this.#blocks('services')),
      middleware: Object.keys(this.#blocks('middlewares')),
      entrypoint: Object.keys(this.#blocks('entrypoints')),
    }
    for (const { kind, name, path } of this.#references) {
      if (names[kind].includes(name)) continue
      const suggestion = nearest(name, names[kind])
      this.report({
        path,
        code: 'GW_UNKNOWN_REFERENCE',
        message:
          `unknown ${kind} "${name}"` +
          (suggestion === undefined ? '' : `; did you mean "${suggestion}"?`),
        ...(suggestion !== undefined && { suggestion }),
      })
    }
    const cycle = findServiceCycle(this.#references)
    if (cycle === undefined) return
    const message = `services refer to each other in a circle: ${cycle.join(' → ')}`
    this.report({ path: ['services', cycle[0] ?? ''], code: 'GW_REFERENCE_CYCLE', message })
  }
}

function references(
  kind: Reference['kind'],
  names: readonly string[],
  path: ConfigPath,
): Reference[] {
  return names.map((name, index) => ({ kind, name, path: [...path, index] }))
}

function isMentioned(
  schema: OptionsSchema<AnyOptions>,
  block: Readonly<Record<string, unknown>> | undefined,
): boolean {
  return Object.keys(schema.properties).some((key) => block?.[key] !== undefined)
}

/** A block that may still be wrapped in a list, to look at before its schema is known. */
export function unwrapped(block: unknown): Readonly<Record<string, unknown>> | undefined {
  const inner: unknown = Array.isArray(block) && block.length === 1 ? block[0] : block
  return isRecord(inner) ? inner : undefined
}

function hintOf(error: GatewayError): { hint?: string } {
  return error.kind.hint === undefined ? {} : { hint: error.kind.hint }
}
