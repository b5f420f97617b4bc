/**
 * What exchanges pass through, for people who ask: never looked at while one does.
 *
 * @module
 */
import type { RouterPlan } from './blueprint.ts'
import type { Filter, Middleware } from './middleware.ts'
import type { Route } from './routing.ts'
import type { ServiceFeature } from './service.ts'

/** A middleware or a service feature where it stands. */
export interface PlacedPart {
  /** Of the `middlewares` block; of a feature, the key in its service. */
  readonly name: string
  readonly type: string
  /** Whose code it is. */
  readonly plugin: string
  /** The methods that it has: `onRequest`, `around`, `wrapBalancer`, … */
  readonly phases: readonly string[]
}

/** A feature of a service. */
export interface PlacedFeature extends PlacedPart {
  /** Lower is further out. */
  readonly stage: number
}

/** What chooses or reaches servers. */
export interface PlacedType {
  readonly type: string
  readonly plugin: string
}

/** A service from the outside in. */
export interface ServicePipeline {
  readonly service: string
  readonly features: readonly PlacedFeature[]
  readonly balancer: PlacedType
  readonly transports: readonly PlacedType[]
}

/** What a router's exchanges pass through, from the outside in. */
export interface Pipeline {
  readonly router: string
  readonly kind: Route['kind']
  readonly middlewares: readonly PlacedPart[]
  readonly service: ServicePipeline
}

const requestPhases = ['onRequest', 'onResponse', 'around', 'onSkip'] as const
const featurePhases = [
  'around',
  'begin',
  'wrapBalancer',
  'onResponse',
  'attemptEnded',
  'attemptBroke',
  'attemptConcluded',
] as const satisfies readonly (keyof ServiceFeature)[]

/** What a middleware does in routers of a kind. @internal */
export function phasesOfMiddleware(middleware: Middleware, kind: RouterPlan['kind']): string[] {
  const phases: readonly (keyof Filter | 'around')[] =
    kind === 'stream' ? ['onConnection'] : requestPhases
  return phases.filter((phase) => middleware[phase] !== undefined)
}

/** What a feature of a service does. @internal */
export function phasesOfFeature(feature: ServiceFeature): string[] {
  return featurePhases.filter((phase) => feature[phase] !== undefined)
}
