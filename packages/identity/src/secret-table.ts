import { hash, randomBytes } from 'node:crypto'

/**
 * Finds what belongs to a secret without telling by its timing how close a wrong one came: what is
 * compared are digests under a random key, and nobody outside knows which of them are alike. A
 * look-up costs the same however many secrets there are.
 */
export class SecretTable<T> {
  readonly #key = randomBytes(32).toString('base64url')
  readonly #values = new Map<string, T>()

  get size(): number {
    return this.#values.size
  }

  /**
   * Adds a secret; false, and nothing changes, if it is there already.
   * @param digest As {@link digestOfText} makes it.
   */
  add(digest: string, value: T): boolean {
    const place = this.#placeOf(digest)
    if (this.#values.has(place)) return false
    this.#values.set(place, value)
    return true
  }

  /** What was added under this digest. */
  find(digest: string): T | undefined {
    return this.#values.get(this.#placeOf(digest))
  }

  #placeOf(digest: string): string {
    return hash('sha256', this.#key + digest)
  }
}
