import type { Claims } from './claim-rules.ts'

/** A token that was accepted. */
export interface AcceptedToken {
  readonly claims: Claims
  /** When it ends, in seconds since 1970. */
  readonly endsAt: number
}

/**
 * Tokens that were verified, until they end, so that a client which sends the same one again costs
 * no signature. Bounded: the one that was not used for the longest time goes first.
 */
export class TokenCache {
  readonly #size: number
  /** The most recently used last. */
  readonly #tokens = new Map<string, AcceptedToken>()
  #version = 0

  constructor(size: number) {
    this.#size = size
  }

  get size(): number {
    return this.#tokens.size
  }

  /**
   * @param nowSecs Seconds since 1970.
   * @param version Of the keys: what other keys have verified is forgotten.
   */
  get(token: string, nowSecs: number, version: number): AcceptedToken | undefined {
    this.#accept(version)
    const found = this.#tokens.get(token)
    if (found === undefined) return undefined
    this.#tokens.delete(token)
    if (nowSecs >= found.endsAt) return undefined
    this.#tokens.set(token, found)
    return found
  }

  /** @param version Of the keys when verifying began. */
  add(token: string, accepted: AcceptedToken, version: number): void {
    if (version < this.#version) return
    this.#accept(version)
    this.#tokens.set(token, accepted)
    if (this.#tokens.size <= this.#size) return
    const oldest = this.#tokens.keys().next()
    if (oldest.done !== true) this.#tokens.delete(oldest.value)
  }

  #accept(version: number): void {
    if (version === this.#version) return
    this.#version = version
    this.#tokens.clear()
  }
}
