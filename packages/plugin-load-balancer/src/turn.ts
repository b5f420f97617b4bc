import type { Endpoint } from '@gatewright/kernel'

/** Ten tenths add up to this or more. */
const nearlyOne = 1 - 1e-9

/** Whose turn it is among endpoints. Kept across reloads, so that they do not favour the first. */
export class Turn implements Disposable {
  /** Index at which the next search begins; a position, not a count, so that it cannot overflow. */
  next = 0
  /** What is left over of turns that counted in part; only of endpoints for which they do. */
  #rests: WeakMap<Endpoint, number> | undefined = undefined

  /**
   * Whether an endpoint takes the turn that it has now: always, unless only a part of its weight
   * counts for a while, as with `slow_start`. Then it is the same part of its turns.
   */
  isTaken(endpoint: Endpoint): boolean {
    const { weight, configuredWeight } = endpoint
    if (weight >= configuredWeight) return true
    this.#rests ??= new WeakMap()
    const rest = (this.#rests.get(endpoint) ?? 0) + weight / configuredWeight
    const isWhole = rest > nearlyOne
    this.#rests.set(endpoint, isWhole ? rest - 1 : rest)
    return isWhole
  }

  /** There is nothing to release, but `Scope.keep` must be able to ask. */
  [Symbol.dispose](): void {}
}
