import { hash, randomBytes } from 'node:crypto'
import { sameDigest } from './secret.ts'

interface Entry<T> {
  readonly digest: Uint8Array
  readonly value: T
}

/**
 * Finds what belongs to a secret without telling by its timing how close a wrong one came. A look-up
 * costs the same however many secrets there are.
 */
export class SecretTable<T> {
  readonly #salt = randomBytes(32)
  readonly #entries = new Map<string, Entry<T>>()
  /** What an unknown secret is compared with. */
  readonly #dummy: Uint8Array = randomBytes(32)

  get size(): number {
    return this.#entries.size
  }

  /** Adds a secret by its SHA-256 digest; false, and nothing changes, if it is there already. */
  add(digest: Uint8Array, value: T): boolean {
    const key = this.#keyOf(digest)
    if (this.#entries.has(key)) return false
    this.#entries.set(key, { digest, value })
    return true
  }

  /** What was added under this SHA-256 digest. */
  find(digest: Uint8Array): T | undefined {
    const entry = this.#entries.get(this.#keyOf(digest))
    const same = sameDigest(digest, entry?.digest ?? this.#dummy)
    return same ? entry?.value : undefined
  }

  /** Nobody outside can choose secrets whose places in the map are near to another one's. */
  #keyOf(digest: Uint8Array): string {
    return hash('sha256', Buffer.concat([this.#salt, digest]), 'base64')
  }
}
