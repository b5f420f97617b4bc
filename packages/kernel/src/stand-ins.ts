/**
 * What takes the place of the types of optional plugins that could not be loaded: routers that need
 * one answer 503, the rest of the configuration works.
 *
 * @module
 */
import type { CommonKeys, MiddlewarePlan, Planned, ServicePlan } from './blueprint.ts'
import type { ConfigPath } from './config.ts'
import { errors } from './errors.ts'
import type { GatewayError } from './gateway-error.ts'
import type { MiddlewareFactory } from './middleware.ts'
import { nearest } from './nearest.ts'
import type { AbsentPlugin, ExtensionKind } from './plugin.ts'
import type { OptionsSchema } from './schema.ts'
import type { BalancerFactory, ServiceFeatureFactory } from './service.ts'

/** What a configuration says that can hardly be meant, or will not be understood for ever. */
export interface ConfigWarning {
  /** Where. */
  readonly path: ConfigPath
  readonly code: string
  readonly message: string
  readonly hint?: string
}

const anything: OptionsSchema<object> = {
  type: 'object',
  additionalProperties: false,
  properties: {},
}

/** The optional plugins that one configuration has to do without. */
export class StandIns {
  readonly #absent: AbsentPlugin[] = []
  readonly #warn: (warning: ConfigWarning) => void

  constructor(warn: (warning: ConfigWarning) => void) {
    this.#warn = warn
  }

  /** Labels of the plugins that are not there. */
  get absent(): readonly string[] {
    return this.#absent.map(({ label }) => label)
  }

  leaveOut(plugin: AbsentPlugin): void {
    this.#absent.push(plugin)
    if (plugin.reported === true) return
    const { path, code, message, hint } = plugin.problem
    const text = `optional plugin "${plugin.label}" is left out: ${message}`
    this.#warn({ path, code, message: text, ...(hint !== undefined && { hint }) })
  }

  /**
   * Whether a type is missing because a plugin is, which has been warned of then. If nobody knows
   * what the plugin has, that may be every type which is not just misspelt.
   * @param known Types that there are; `undefined` if only a plugin will do that says it has the type.
   */
  excuse(
    kind: ExtensionKind,
    type: string,
    path: ConfigPath,
    known?: readonly string[],
  ): AbsentPlugin | undefined {
    const plugin =
      this.#absent.find(({ provides }) => provides?.[kind]?.includes(type)) ??
      (known === undefined || nearest(type, known) !== undefined
        ? undefined
        : this.#absent.find(({ provides }) => provides === undefined))
    if (plugin === undefined || plugin.reported === true) return plugin
    const error = unavailable(`${kind} "${type}"`, plugin)
    this.#warn({ path, code: error.code, message: error.message })
    return plugin
  }
}

/** A middleware that lets nothing pass. */
export function middlewareStandIn(
  name: string,
  type: string,
  common: CommonKeys,
  plugin: AbsentPlugin,
): MiddlewarePlan {
  const fail = (): never => {
    throw unavailable(`middleware "${name}"`, plugin)
  }
  const factory: MiddlewareFactory = {
    type,
    schema: anything,
    create: () => ({ onRequest: fail, onConnection: fail }),
  }
  return { name, factory, options: {}, common }
}

/** A service that answers nothing but 503. */
export function serviceStandIn(name: string, plugin: AbsentPlugin): ServicePlan {
  const fail = (): never => {
    throw unavailable(`service "${name}"`, plugin)
  }
  const factory: BalancerFactory = {
    type: 'round-robin',
    schema: anything,
    create: () => ({ pick: fail }),
  }
  const feature: Planned<ServiceFeatureFactory> = {
    options: {},
    factory: {
      type: plugin.label,
      parent: 'service',
      schema: anything,
      stage: Number.NEGATIVE_INFINITY,
      create: () => ({ around: fail, begin: fail }),
    },
  }
  const balancer = { factory, options: {} }
  return { name, targets: [], balancer, transports: [], features: [feature] }
}

function unavailable(what: string, { label }: AbsentPlugin): GatewayError {
  return errors.GW_PLUGIN_UNAVAILABLE({ what, plugin: label })
}
