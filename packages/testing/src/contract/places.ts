/**
 * Where the options of a component stand in a configuration.
 *
 * @module
 */
import type {
  GatewayConfigInput,
  ProtocolFactory,
  SectionFactory,
  ServiceFeatureFactory,
} from '@gatewright/kernel'
import type { Component, ComponentKind } from './component.ts'

/** A place, and what stands around it. */
export interface Place {
  readonly path: readonly string[]
  /** Keys beside the options. */
  readonly beside: Readonly<Record<string, unknown>>
  /** What a configuration without routers needs as well. */
  readonly around: GatewayConfigInput
  /** The block is a single value. */
  readonly isValue: boolean
}

type Find = (component: Component) => Pick<Place, 'path' | 'beside'> & Partial<Place>

const places: Partial<Record<ComponentKind, Find>> = {
  middleware: ({ type }) => ({ path: ['middlewares', type], beside: { type } }),
  balancer: ({ type }) => ({
    path: ['services', 'upstream', 'load_balancer'],
    beside: { strategy: type },
  }),
  'service feature': ({ type, factory }) => {
    // It was registered as one.
    const { parent } = factory as unknown as ServiceFeatureFactory
    const block = parent === 'service' ? [] : ['load_balancer']
    return { path: ['services', 'upstream', ...block, type], beside: {} }
  },
  provider: ({ type }) => ({ path: ['providers', type], beside: {} }),
  protocol: ({ type, factory }) => ({
    path: ['entrypoints', 'tested'],
    beside: { protocol: type, address: '127.0.0.1:0' },
    // It was registered as one.
    around: streamRoute(factory as unknown as ProtocolFactory),
  }),
  'entrypoint feature': () => ({
    path: ['entrypoints', 'web'],
    beside: { address: '127.0.0.1:0' },
  }),
  section: ({ type, factory }) => {
    // It was registered as one.
    const { labelled } = factory as unknown as SectionFactory
    return { path: labelled ? [type, 'tested'] : [type], beside: {} }
  },
}

/** `undefined` for what has no options of its own. */
export function placeOf(component: Component): Place | undefined {
  const { schema } = component.factory
  const find = places[component.kind]
  if (find === undefined || schema === undefined) return undefined
  return { around: {}, ...find(component), isValue: schema.type !== 'object' }
}

/** The configuration with these options in that place, and what has to stand around it. */
export function withOptions(
  config: GatewayConfigInput,
  { path, beside, isValue, around }: Place,
  options: unknown,
): GatewayConfigInput {
  const whole = config.routers === undefined ? { ...config, ...around } : config
  return placed(whole, path, isValue ? options : { ...Object(options), ...beside })
}

/** A router and a service for streams, which can have no default. */
function streamRoute({ kind, network }: ProtocolFactory): GatewayConfigInput {
  if (kind === 'http') return {}
  const rule = network === 'udp' ? '*' : 'HostSNI(`*`)'
  const servers = [{ url: `${network}://127.0.0.1:9` }]
  return {
    routers: { tested: { rule, service: 'tested', entrypoints: ['tested'] } },
    services: { tested: { load_balancer: { servers } } },
  }
}

function placed(within: unknown, path: readonly string[], value: unknown): GatewayConfigInput {
  const [step, ...rest] = path
  const block: Readonly<Record<string, unknown>> = Object(within)
  if (step === undefined) return block
  const inner = rest.length > 0 ? placed(block[step], rest, value) : merged(block[step], value)
  return { ...block, [step]: inner }
}

/** Options of several components may stand in one block. */
function merged(before: unknown, value: unknown): unknown {
  const areBlocks = [before, value].every((each) => typeof each === 'object' && each !== null)
  return areBlocks ? { ...Object(before), ...Object(value) } : value
}
