/** Which server an id stands for. Times are those that the table was told. */
export interface StickySession {
  readonly backend: string
  readonly boundAt: number
  readonly usedAt: number
}

/**
 * Sessions by their ids, for as long as they are used. There are never more than a bound: one more
 * takes the place of the one that was idle longest. Knows no clock; `now` is in milliseconds and
 * must not go backwards.
 */
export class StickyTable {
  readonly #ttlMs: number
  readonly #maxSessions: number
  readonly #sessions = new Map<string, LiveSession>()
  /**
   * Stands before the session that was idle longest and behind the one that was used last, so that
   * what has expired is always in front. The order of a `Map` would not do: to find its first entry
   * takes as long as it takes to pass all that were deleted before.
   */
  readonly #ends = new LiveSession('', '', 0)

  /** @param ttlMs How long a session may be idle; infinite if it never expires. */
  constructor(ttlMs: number, maxSessions: number) {
    this.#ttlMs = ttlMs
    this.#maxSessions = maxSessions
  }

  /** How many sessions there are; some may have expired. */
  get count(): number {
    return this.#sessions.size
  }

  /** The session of that id, which lives for another `ttlMs` from now on. */
  get(id: string, now: number): StickySession | undefined {
    const session = this.#sessions.get(id)
    if (session === undefined) return undefined
    if (now - session.usedAt >= this.#ttlMs) {
      this.#remove(session)
      return undefined
    }
    session.usedAt = now
    session.leave()
    session.enter(this.#ends)
    return session
  }

  /** Begins a session, or binds the one of that id anew. */
  bind(id: string, backend: string, now: number): void {
    if (!this.unbind(id)) this.#makeRoom(now)
    const session = new LiveSession(id, backend, now)
    this.#sessions.set(id, session)
    session.enter(this.#ends)
  }

  /** False if there was no session of that id. */
  unbind(id: string): boolean {
    const session = this.#sessions.get(id)
    if (session !== undefined) this.#remove(session)
    return session !== undefined
  }

  clear(): void {
    this.#sessions.clear()
    this.#ends.leave()
  }

  /** Removes what has expired. Tells how many that were. */
  evictExpired(now: number): number {
    const before = this.#sessions.size
    let first = this.#ends.after
    while (first !== this.#ends && now - first.usedAt >= this.#ttlMs) {
      this.#remove(first)
      first = this.#ends.after
    }
    return before - this.#sessions.size
  }

  /** Removes the sessions at a server. Tells how many that were. */
  removeBackend(backend: string): number {
    const before = this.#sessions.size
    for (const session of this.#sessions.values()) {
      if (session.backend === backend) this.#remove(session)
    }
    return before - this.#sessions.size
  }

  #makeRoom(now: number): void {
    if (this.#sessions.size < this.#maxSessions) return
    this.evictExpired(now)
    if (this.#sessions.size >= this.#maxSessions) this.#remove(this.#ends.after)
  }

  #remove(session: LiveSession): void {
    this.#sessions.delete(session.id)
    session.leave()
  }
}

/** Stands in a ring with the others. */
class LiveSession implements StickySession {
  readonly id: string
  readonly backend: string
  readonly boundAt: number
  usedAt: number
  before: LiveSession = this
  after: LiveSession = this

  constructor(id: string, backend: string, now: number) {
    this.id = id
    this.backend = backend
    this.boundAt = now
    this.usedAt = now
  }

  enter(next: LiveSession): void {
    this.before = next.before
    this.after = next
    next.before.after = this
    next.before = this
  }

  leave(): void {
    this.before.after = this.after
    this.after.before = this.before
    this.before = this
    this.after = this
  }
}
