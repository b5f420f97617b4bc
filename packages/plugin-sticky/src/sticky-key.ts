import { createHmac, randomBytes } from 'node:crypto'
import type { Scope } from '@gatewright/kernel'

/** Bytes of a hash that are used, and of the random part of an id: 128 bits. */
export const keyedBytes = 16

/** Makes hashes that nobody else can make: HMAC-SHA-256 (RFC 2104), cut to 128 bits. */
export class StickyKey implements Disposable {
  readonly #secret: string
  #warned = false

  constructor(secret: string) {
    this.#secret = secret
  }

  /** A key that nobody else knows and that ends with the process. */
  static random(): StickyKey {
    return new StickyKey(randomBytes(32).toString('base64'))
  }

  /** Other parts have another hash, however they are cut: 22 characters that a cookie may have. */
  hash(...parts: readonly (string | number)[]): string {
    const hash = createHmac('sha256', this.#secret).update(JSON.stringify(parts)).digest()
    return hash.toString('base64url', 0, keyedBytes)
  }

  /** Says once what it means that the key is random. */
  warn(log: Scope['log']): void {
    if (this.#warned) return
    this.#warned = true
    log.warn(
      { hint: 'set "secret" in the "sticky" block' },
      'sticky cookies have a random key: a restart moves clients to other servers',
    )
  }

  [Symbol.dispose](): void {
    // There is nothing to let go.
  }
}
