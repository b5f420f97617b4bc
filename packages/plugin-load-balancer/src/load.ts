import type { Endpoint } from '@gatewright/kernel'

/** True if `a` has fewer exchanges in flight than `b`, each for its weight. Weights are above 0. */
export function isLessLoaded(a: Endpoint, b: Endpoint): boolean {
  // Crosswise, because quotients would be rounded.
  return a.active * b.weight < b.active * a.weight
}
