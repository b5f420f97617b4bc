/** Which server an id stands for. Times are those that the table was told. */
export interface StickySession {
  readonly backend: string
  readonly boundAt: number
  readonly usedAt: number
}

interface LiveSession extends StickySession {
  usedAt: number
}

/**
 * Sessions by their ids, for as long as they are used. There are never more than a bound: one more
 * takes the place of the one that was idle longest. Knows no clock; `now` is in milliseconds and
 * must not go backwards.
 */
export class StickyTable {
  readonly #ttlMs: number
  readonly #maxSessions: number
  /** The one that was idle longest comes first, so that what has expired is always in front. */
  readonly #sessions = new Map<string, LiveSession>()

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
    this.#sessions.delete(id)
    if (now - session.usedAt >= this.#ttlMs) return undefined
    session.usedAt = now
    this.#sessions.set(id, session)
    return session
  }

  /** Begins a session, or binds the one of that id anew. */
  bind(id: string, backend: string, now: number): void {
    if (!this.#sessions.delete(id)) this.#makeRoom(now)
    this.#sessions.set(id, { backend, boundAt: now, usedAt: now })
  }

  /** False if there was no session of that id. */
  unbind(id: string): boolean {
    return this.#sessions.delete(id)
  }

  clear(): void {
    this.#sessions.clear()
  }

  /** Removes what has expired. Tells how many that were. */
  evictExpired(now: number): number {
    const before = this.#sessions.size
    for (const [id, { usedAt }] of this.#sessions) {
      if (now - usedAt < this.#ttlMs) break
      this.#sessions.delete(id)
    }
    return before - this.#sessions.size
  }

  /** Removes the sessions at a server. Tells how many that were. */
  removeBackend(backend: string): number {
    const before = this.#sessions.size
    for (const [id, session] of this.#sessions) {
      if (session.backend === backend) this.#sessions.delete(id)
    }
    return before - this.#sessions.size
  }

  #makeRoom(now: number): void {
    if (this.#sessions.size < this.#maxSessions) return
    this.evictExpired(now)
    if (this.#sessions.size < this.#maxSessions) return
    const [longestIdle] = this.#sessions.keys()
    if (longestIdle !== undefined) this.#sessions.delete(longestIdle)
  }
}
