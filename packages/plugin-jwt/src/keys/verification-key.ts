import type { KeyObject, webcrypto } from 'node:crypto'
import { compactVerify, errors as joseErrors } from 'jose'
import { type Algorithm, algorithmsOf, importOf } from './algorithms.ts'

/** A key that signatures are verified with, imported once per algorithm. */
export class VerificationKey {
  /** What tokens call it; `undefined` if the key has no name, which then matches every token. */
  readonly id: string | undefined
  readonly algorithms: readonly Algorithm[]
  readonly #key: KeyObject
  readonly #imported = new Map<Algorithm, webcrypto.CryptoKey>()

  /** @param algorithm The only one that its owner allows for it, if any. */
  constructor(key: KeyObject, id?: string, algorithm?: string) {
    this.id = id
    this.#key = key
    const possible = algorithmsOf(key)
    this.algorithms =
      algorithm === undefined ? possible : possible.filter((name) => name === algorithm)
  }

  /** How many bytes a secret has; `undefined` for a public key. */
  get secretBytes(): number | undefined {
    return this.#key.symmetricKeySize
  }

  /** True if a token with this header may have been signed with it. */
  fits(algorithm: Algorithm, id: string | undefined): boolean {
    if (id !== undefined && this.id !== undefined && id !== this.id) return false
    return this.algorithms.includes(algorithm)
  }

  /**
   * The payload of the token if the signature is right, else `undefined`. WebCrypto computes it
   * outside the event loop.
   */
  async verify(token: string, algorithm: Algorithm): Promise<Uint8Array | undefined> {
    try {
      const key = this.#import(algorithm)
      const { payload } = await compactVerify(token, key, { algorithms: [algorithm] })
      return payload
    } catch (error) {
      // Also what the header demands and we do not understand (RFC 7515 section 4.1.11).
      if (error instanceof joseErrors.JOSEError) return undefined
      throw error
    }
  }

  #import(algorithm: Algorithm): webcrypto.CryptoKey {
    let imported = this.#imported.get(algorithm)
    if (imported === undefined) {
      imported = this.#key.toCryptoKey(importOf(algorithm), false, ['verify'])
      this.#imported.set(algorithm, imported)
    }
    return imported
  }
}
