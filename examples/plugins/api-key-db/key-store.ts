import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** How many answers are kept; one more, and the oldest is forgotten. */
const maxKept = 10_000

/** Whose keys are whose, from a table `keys(digest, owner)`. Each answer is kept for a while. */
export class KeyStore implements Disposable {
  readonly #database: DatabaseSync
  readonly #find: StatementSync
  readonly #keepMs: number
  /** By digest, the oldest first. */
  readonly #kept = new Map<string, { owner: string | undefined; until: number }>()

  /** Throws if the file is no database with such a table. */
  constructor(file: string, keepMs: number) {
    this.#database = new DatabaseSync(file, { readOnly: true })
    this.#keepMs = keepMs
    try {
      this.#find = this.#database.prepare('SELECT owner FROM keys WHERE digest = ?')
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** `undefined` if nobody has the key. Throws if the database does not answer. */
  ownerOf(key: string): string | undefined {
    const digest = digestOf(key)
    const kept = this.#kept.get(digest)
    if (kept !== undefined && performance.now() < kept.until) return kept.owner
    const found = this.#find.get(digest)?.owner
    const owner = typeof found === 'string' ? found : undefined
    this.#keep(digest, owner)
    return owner
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  #keep(digest: string, owner: string | undefined): void {
    this.#kept.delete(digest)
    this.#kept.set(digest, { owner, until: performance.now() + this.#keepMs })
    if (this.#kept.size <= maxKept) return
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined) this.#kept.delete(oldest)
  }
}

/** What stands in the database: who reads that cannot use it as a key. */
export function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
