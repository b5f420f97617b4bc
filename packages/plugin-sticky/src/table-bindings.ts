import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Endpoint, EndpointPool, Service } from '@gatewright/kernel'
import { type Bindings, Visit } from './bindings.ts'
import { keyedBytes, type StickyKey } from './sticky-key.ts'
import type { StickySessions } from './sticky-sessions.ts'

/** Characters of 128 bits. */
const partLength = 22

/**
 * The cookie is the id of a session: 128 random bits and a hash that proves that a gateway chose
 * them. Without it, whoever sends ids of his own could fill the table.
 */
export class TableBindings implements Bindings {
  readonly #pool: EndpointPool
  readonly #service: string
  readonly #key: StickyKey
  readonly #sessions: StickySessions
  /** In milliseconds; infinite if a cookie is never sent again. */
  readonly #refreshMs: number

  /** @param refreshMs After which time a cookie is sent again. */
  constructor(
    { name, pool }: Service,
    key: StickyKey,
    sessions: StickySessions,
    refreshMs: number = Number.POSITIVE_INFINITY,
  ) {
    this.#pool = pool
    this.#service = name
    this.#key = key
    this.#sessions = sessions
    this.#refreshMs = refreshMs
  }

  read(id: string): Visit | undefined {
    const { table, names } = this.#sessions
    const now = performance.now()
    const session = table.get(id, now)
    if (session !== undefined) {
      const endpoint = names.endpointOf(session.backend, this.#pool.all)
      return new Visit(id, endpoint, now - session.boundAt > this.#refreshMs)
    }
    // Its session has ended, or was another process's. A new one may have the same id.
    return this.#isOurs(id) ? new Visit(id) : undefined
  }

  bind(visit: Visit, endpoint: Endpoint): string | undefined {
    const { table, names } = this.#sessions
    const name = names.nameOf(endpoint, this.#pool.all)
    if (name === undefined) return undefined
    visit.id ??= this.#newId()
    table.bind(visit.id, name, performance.now())
    return visit.id
  }

  #newId(): string {
    const random = randomBytes(keyedBytes).toString('base64url')
    return random + this.#sign(random)
  }

  #isOurs(id: string): boolean {
    if (id.length !== 2 * partLength) return false
    const found = Buffer.from(id.slice(partLength), 'latin1')
    const expected = Buffer.from(this.#sign(id.slice(0, partLength)), 'latin1')
    return found.length === expected.length && timingSafeEqual(found, expected)
  }

  #sign(random: string): string {
    return this.#key.hash('session', this.#service, random)
  }
}
