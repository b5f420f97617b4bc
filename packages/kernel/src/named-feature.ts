/**
 * The parts of a service that plugins bring, each with what it is called in messages.
 *
 * @module
 */
import type { AttemptObserver, Balancer, ServiceFeature } from './service.ts'
import type { ObservedStep } from './steps.ts'

/** A feature and the name of its block. */
export interface NamedFeature {
  readonly name: string
  readonly feature: ServiceFeature
  /** For messages: `service feature "mirror" of plugin "@gatewright/plugin-mirror"`. */
  readonly owner: string
  /** Of its `around`. */
  readonly step?: ObservedStep | undefined
}

/** A strategy and whose it is, as with features. */
export interface NamedBalancer {
  readonly owner: string
  readonly balancer: Balancer
}

/** Somebody who wants to know how attempts end, and whose it is. */
export interface NamedObserver {
  readonly owner: string
  readonly observer: AttemptObserver
}

/** Told what somebody threw who only looks, and in which function. */
export type OnError = (error: unknown, owner: string, where: string) => void

/** A strategy as a feature has it. Either may be to blame for what the two do. */
export function wrap(inner: NamedBalancer, { feature, owner }: NamedFeature): NamedBalancer {
  const balancer = feature.wrapBalancer?.(inner.balancer)
  return balancer === undefined ? inner : { balancer, owner: `${inner.owner} within ${owner}` }
}

/** The strategy and the features, as far as they want to know how attempts end. */
export function observersOf(
  { owner, balancer }: NamedBalancer,
  features: readonly NamedFeature[],
): NamedObserver[] {
  return [
    { owner, observer: balancer },
    ...features.map((named) => ({ owner: named.owner, observer: named.feature })),
  ].filter(
    ({ observer }) =>
      observer.attemptEnded !== undefined ||
      observer.attemptBroke !== undefined ||
      observer.attemptConcluded !== undefined,
  )
}

/** True if it does nothing for connections that carry no requests. */
export function isForRequests(feature: ServiceFeature): boolean {
  const looks = feature.around !== undefined || feature.onResponse !== undefined
  return looks && feature.begin === undefined
}
