import type { HostKey } from '../rule/bound.ts'
import type { CompiledRule } from '../rule/compile.ts'
import type { Candidate, CandidateMerge } from './candidates.ts'
import { PathIndex } from './path-index.ts'

/** Finds the candidates of a host and a path. */
export class HostIndex {
  readonly #byName = new Map<string, PathIndex>()
  /** By what follows the first label. */
  readonly #byParent = new Map<string, PathIndex>()
  readonly #anyHost = new PathIndex()

  /** Candidates must be added best first. */
  add(candidate: Candidate, { hosts, paths }: CompiledRule): void {
    if (hosts === undefined) return this.#anyHost.add(candidate, paths)
    for (const host of hosts) this.#pathsOf(host).add(candidate, paths)
  }

  /** Gives every list of candidates that host and path lead to. */
  collect(host: string, path: string, merge: CandidateMerge): void {
    this.#byName.get(host)?.collect(path, merge)
    if (this.#byParent.size > 0) {
      const dot = host.indexOf('.')
      // A label without characters is none.
      if (dot > 0) this.#byParent.get(host.slice(dot + 1))?.collect(path, merge)
    }
    this.#anyHost.collect(path, merge)
  }

  #pathsOf({ name, wildcard }: HostKey): PathIndex {
    const indexes = wildcard ? this.#byParent : this.#byName
    let paths = indexes.get(name)
    if (paths === undefined) {
      paths = new PathIndex()
      indexes.set(name, paths)
    }
    return paths
  }
}
