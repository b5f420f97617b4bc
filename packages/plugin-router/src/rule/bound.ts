/** What a condition demands of one input, so that an index can leave it out where it cannot hold. */
export interface Bound<K> {
  /** The condition holds only for inputs that one of these keys stands for. */
  readonly keys: readonly K[]
  /** True if it also holds for all of them, so that the keys say everything. */
  readonly exact: boolean
}

/** A host without its port. */
export interface HostKey {
  /** Lower-case, without trailing dot. */
  readonly name: string
  /** True if it stands for the names with exactly one more label. */
  readonly wildcard: boolean
}

/** A routing path. */
export interface PathKey {
  readonly path: string
  /** True if it stands for all paths that begin with it. */
  readonly prefix: boolean
}

/** What a condition demands of the indexed inputs. */
export interface Bounds {
  readonly hosts?: Bound<HostKey>
  readonly paths?: Bound<PathKey>
}

/** The bound of a conjunction: that of the operand with the fewest keys. */
export function tightest<K>(bounds: readonly (Bound<K> | undefined)[]): Bound<K> | undefined {
  let best: Bound<K> | undefined
  for (const bound of bounds) {
    if (bound === undefined) continue
    if (best === undefined || bound.keys.length < best.keys.length) best = bound
  }
  return best
}

/** The bound of a disjunction: there is none if any operand has none. */
export function union<K>(bounds: readonly (Bound<K> | undefined)[]): Bound<K> | undefined {
  const keys: K[] = []
  let exact = true
  for (const bound of bounds) {
    if (bound === undefined) return undefined
    keys.push(...bound.keys)
    exact &&= bound.exact
  }
  return { keys, exact }
}
