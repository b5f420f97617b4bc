import type { Exchange, Route } from '@gatewright/kernel'
import type { CompiledRule } from '../rule/compile.ts'
import { type Candidate, CandidateMerge } from './candidates.ts'
import { HostIndex } from './host-index.ts'

/**
 * The routers of one entrypoint. Finds what a walk over all of them in priority order would find.
 * A test must not look up routes: there is one look-up at a time.
 */
export class RouteTable {
  readonly #index = new HostIndex()
  readonly #merge = new CandidateMerge()

  /** Routers must be added best first. */
  add(candidate: Candidate, rule: CompiledRule): void {
    this.#index.add(candidate, rule)
  }

  /** @param host Without port, lower-case; of a stream its server name. Its path is empty. */
  find(exchange: Exchange, host: string, path: string): Route | undefined {
    this.#merge.clear()
    this.#index.collect(host, path, this.#merge)
    return this.#merge.firstMatch(exchange)
  }
}
