import { hash, randomBytes } from 'node:crypto'
import type { HeaderList } from '@gatewright/kernel'
import { LRUCache } from 'lru-cache'
import type { Identity } from './identity-answer.ts'

const mostRemembered = 10_000

/** Remembers for a while whom the auth server let pass. What it refused is asked again. */
export class AnswerCache implements Disposable {
  readonly #ttlMs: number
  readonly #names: ReadonlySet<string> | undefined
  readonly #answers: LRUCache<string, Identity>
  /** Nobody who reads the memory finds digests that can be guessed at without it. */
  readonly #key = randomBytes(32).toString('base64url')

  /**
   * @param names Fields, in lower case, that tell two questions apart; without it all do.
   * @param now Milliseconds of a clock that never goes back.
   */
  constructor(
    ttlMs: number,
    names: ReadonlySet<string> | undefined,
    now: () => number = () => performance.now(),
  ) {
    this.#ttlMs = ttlMs
    this.#names = names
    this.#answers = new LRUCache({ max: mostRemembered, perf: { now }, ttlResolution: 0 })
  }

  /**
   * Where the answer to a question belongs; `undefined` if it has none of the listed fields, for
   * then nothing tells who asks.
   * @param fields Of the question: name, value, …
   */
  keyOf(fields: readonly string[]): string | undefined {
    const names = this.#names
    const telling = names === undefined ? fields : pick(fields, names)
    if (telling.length === 0) return undefined
    // Credentials are among them; what is kept is a digest.
    return hash('sha256', this.#key + JSON.stringify(telling))
  }

  get(key: string): Identity | undefined {
    return this.#answers.get(key)
  }

  /** Keeps it for as long as both the configuration and the answer allow (RFC 9111 section 5.2.2). */
  add(key: string, identity: Identity, answer: HeaderList): void {
    const ttl = Math.min(this.#ttlMs, lifetimeMs(answer))
    if (ttl > 0) this.#answers.set(key, identity, { ttl })
  }

  [Symbol.dispose](): void {
    this.#answers.clear()
  }
}

function pick(fields: readonly string[], names: ReadonlySet<string>): string[] {
  const picked: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    const [name = '', value = ''] = [fields[i], fields[i + 1]]
    if (names.has(name)) picked.push(name, value)
  }
  return picked
}

function lifetimeMs(answer: HeaderList): number {
  const directives = answer.getAll('cache-control').join(',').toLowerCase().split(',')
  let lifetime = Number.POSITIVE_INFINITY
  for (const directive of directives.map((text) => text.trim())) {
    if (directive === 'no-store' || directive === 'no-cache') return 0
    const seconds = /^max-age="?(\d{1,9})"?$/.exec(directive)?.[1]
    if (seconds !== undefined) lifetime = Number(seconds) * 1000
  }
  return lifetime
}
