import { createHmac, hash, randomBytes } from 'node:crypto'
import { sameDigest } from '@gatewright/identity'
import type { Awaitable } from '@gatewright/kernel'
import { LRUCache } from 'lru-cache'
import { errors } from './errors.ts'
import type { FailureThrottle } from './failure-throttle.ts'
import type { Login } from './login.ts'
import type { StoredHash } from './stored-hash.ts'
import type { UserList } from './user-list.ts'
import type { Verifier } from './verifier.ts'

/** A password that was right is not verified again for this long. */
const rememberedMs = 60_000
const mostRemembered = 10_000

/** Decides who may pass, with as little work as possible. */
export class Doorman implements Disposable {
  readonly #throttle: FailureThrottle
  readonly #verifier: Verifier
  /** Nobody who reads the memory finds hashes that can be guessed at. */
  readonly #key = randomBytes(32)
  readonly #remembered = new LRUCache<string, true>({ max: mostRemembered, ttl: rememberedMs })
  readonly #pending = new Map<string, Promise<boolean>>()

  constructor(throttle: FailureThrottle, verifier: Verifier) {
    this.#throttle = throttle
    this.#verifier = verifier
  }

  /**
   * Whether the password is the user's. At once for those that were right a moment ago. Throws or
   * rejects with GW_BASIC_AUTH_THROTTLED, GW_BASIC_AUTH_BUSY, GW_BASIC_AUTH_VERIFIER.
   */
  admits(login: Login, users: UserList, address: string): Awaitable<boolean> {
    const { hash: stored, known } = users.find(login.name)
    const id = this.#idOf(stored, login)
    if (known && this.#remembered.has(id)) return true
    // Browsers open several connections at once.
    const pending = this.#pending.get(id)
    if (pending !== undefined) return pending
    const seconds = this.#throttle.take(address)
    if (seconds > 0) {
      throw errors.GW_BASIC_AUTH_THROTTLED(undefined, { headers: ['retry-after', `${seconds}`] })
    }
    if (stored.kind === 'slow') {
      const verified = this.#verify(stored.text, login, known, id, address)
      this.#pending.set(id, verified)
      return verified
    }
    const made = hash(stored.kind, login.password, 'buffer')
    const admitted = sameDigest(made, stored.digest) && known
    if (admitted) this.#admit(id, address)
    return admitted
  }

  [Symbol.dispose](): void {
    this.#remembered.clear()
  }

  async #verify(
    stored: string,
    { password }: Login,
    known: boolean,
    id: string,
    address: string,
  ): Promise<boolean> {
    try {
      const fits = await this.#verifier.isPasswordOf(stored, password)
      const admitted = fits && known
      if (admitted) this.#admit(id, address)
      return admitted
    } catch (error) {
      // It was not the client's fault.
      this.#throttle.giveBack(address)
      throw error
    } finally {
      this.#pending.delete(id)
    }
  }

  #admit(id: string, address: string): void {
    this.#remembered.set(id, true)
    this.#throttle.giveBack(address)
  }

  /** The stored hash is part of it: a changed password ends what is remembered of the old one. */
  #idOf(stored: StoredHash, { name, password }: Login): string {
    const hmac = createHmac('sha256', this.#key)
    return hmac.update(`${stored.text}\0${name}\0${password}`).digest('base64')
  }
}
