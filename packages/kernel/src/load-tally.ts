/**
 * What came of asking one provider to load, each time for a configuration to be applied.
 *
 * @module
 */

import type { ConfigProblem } from './config.ts'
import { wordsOf } from './contribution.ts'
import type { ConfigPart, ProviderProblem, ProviderSyncs } from './provider.ts'

/** Counts loads and remembers how the last one went. */
export class LoadTally {
  /** When something was loaded last. */
  syncedAt: number | undefined = undefined
  /** Why the last one failed; `undefined` if it did not. */
  problem: ProviderProblem | undefined = undefined
  readonly #syncs: { -readonly [R in keyof ProviderSyncs]: number } = {
    changed: 0,
    unchanged: 0,
    error: 0,
  }
  #words: string | undefined = undefined

  /** These were loaded. */
  took(parts: readonly ConfigPart[]): void {
    const words = wordsOf(parts)
    this.#syncs[words === this.#words ? 'unchanged' : 'changed']++
    this.#words = words
    this.problem = undefined
    this.syncedAt = Date.now()
  }

  /** Nothing was loaded. */
  failed([first]: readonly ConfigProblem[]): void {
    this.#syncs.error++
    this.problem = first && { code: first.code, message: first.message }
  }

  /** With what else there is to count. */
  with({ changed, unchanged, error }: ProviderSyncs): ProviderSyncs {
    const syncs = this.#syncs
    return {
      changed: syncs.changed + changed,
      unchanged: syncs.unchanged + unchanged,
      error: syncs.error + error,
    }
  }
}
