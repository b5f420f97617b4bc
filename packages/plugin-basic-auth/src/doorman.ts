import { hash, randomBytes } from 'node:crypto'
import { type Consumer, sameDigest } from '@gatewright/identity'
import type { Awaitable } from '@gatewright/kernel'
import { LRUCache } from 'lru-cache'
import { errors } from './errors.ts'
import type { FailureThrottle } from './failure-throttle.ts'
import type { Login } from './login.ts'
import type { UserList } from './user-list.ts'
import type { Verifier } from './verifier.ts'

/** A password that was right is not verified again for this long. */
const rememberedMs = 60_000
const mostRemembered = 10_000

/** A login that was right. */
interface Admitted {
  readonly consumer: Consumer
  /** With another one stored, the password may be another one as well. */
  readonly stored: string
}

/** Decides who may pass, with as little work as possible. */
export class Doorman implements Disposable {
  readonly #throttle: FailureThrottle
  readonly #verifier: Verifier
  /** Nobody who reads the memory finds digests that can be guessed at without it. */
  readonly #key = randomBytes(32).toString('base64url')
  readonly #remembered = new LRUCache<string, Admitted>({ max: mostRemembered, ttl: rememberedMs })
  readonly #pending = new Map<string, Promise<Consumer | undefined>>()

  constructor(throttle: FailureThrottle, verifier: Verifier) {
    this.#throttle = throttle
    this.#verifier = verifier
  }

  /**
   * What a login is remembered under, so that no password is kept: a digest of the whole field. That
   * it is fast is no harm, since whoever could guess at it would need the random key, which never
   * leaves this process, as do the digests. For the same reason they may be compared as any other
   * text: what the comparison tells is nothing about a password that is nearly right.
   * @param credentials The value of `Authorization`.
   */
  idOf(credentials: string): string {
    return hash('sha256', this.#key + credentials)
  }

  /** Who came with these credentials a moment ago, if they would still be right. */
  recall(id: string, users: UserList): Consumer | undefined {
    const admitted = this.#remembered.get(id)
    if (admitted === undefined) return undefined
    const { consumer, stored } = admitted
    return users.hashOf(consumer.name)?.text === stored ? consumer : undefined
  }

  /**
   * Who it is if the password is the user's, else `undefined`. Throws or rejects with
   * GW_BASIC_AUTH_THROTTLED, GW_BASIC_AUTH_BUSY, GW_BASIC_AUTH_VERIFIER.
   */
  admit(
    id: string,
    login: Login,
    users: UserList,
    address: string,
  ): Awaitable<Consumer | undefined> {
    const { hash: stored, known } = users.find(login.name)
    // Browsers open several connections at once. What a changed hash is asked is another question.
    const question = id + stored.text
    const pending = this.#pending.get(question)
    if (pending !== undefined) return pending
    const seconds = this.#throttle.take(address)
    if (seconds > 0) {
      throw errors.GW_BASIC_AUTH_THROTTLED(undefined, { headers: ['retry-after', `${seconds}`] })
    }
    if (stored.kind === 'slow') {
      const entry = { stored: stored.text, known }
      const verified = this.#verify(id, login, entry, address).finally(() =>
        this.#pending.delete(question),
      )
      this.#pending.set(question, verified)
      return verified
    }
    const fits = sameDigest(hash(stored.kind, login.password, 'buffer'), stored.digest)
    return fits && known ? this.#remember(id, login.name, stored.text, address) : undefined
  }

  [Symbol.dispose](): void {
    this.#remembered.clear()
  }

  async #verify(
    id: string,
    { name, password }: Login,
    { stored, known }: { readonly stored: string; readonly known: boolean },
    address: string,
  ): Promise<Consumer | undefined> {
    try {
      const fits = await this.#verifier.isPasswordOf(stored, password)
      return fits && known ? this.#remember(id, name, stored, address) : undefined
    } catch (error) {
      // It was not the client's fault.
      this.#throttle.giveBack(address)
      throw error
    }
  }

  #remember(id: string, name: string, stored: string, address: string): Consumer {
    const consumer: Consumer = { name, claims: {} }
    this.#remembered.set(id, { consumer, stored })
    this.#throttle.giveBack(address)
    return consumer
  }
}
