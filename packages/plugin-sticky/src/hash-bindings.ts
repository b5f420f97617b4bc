import type { Endpoint, EndpointPool, Service } from '@gatewright/kernel'
import { type Bindings, Visit } from './bindings.ts'
import { EndpointNames } from './endpoint-names.ts'
import type { StickyKey } from './sticky-key.ts'

/** Characters of a hash; what follows is a dot and the time. */
const hashLength = 22
const dot = '.'
const radix = 36

/**
 * The cookie names the server by a keyed hash, so that nothing is remembered. If it is to be sent
 * again in time, the second when it was sent follows: `3q2-7wAAAAAAAAAAAAAAAA.t63k0z`. That is not
 * signed, since whoever changes it only changes when he gets his own cookie again.
 */
export class HashBindings implements Bindings {
  readonly #pool: EndpointPool
  readonly #names: EndpointNames
  /** After how many seconds a cookie is sent again; `undefined` if never. */
  readonly #refreshSecs: number | undefined

  /** @param refreshMs After which time a cookie is sent again. */
  constructor({ name, pool }: Service, key: StickyKey, refreshMs: number | undefined) {
    this.#pool = pool
    this.#names = new EndpointNames((url, ordinal) => key.hash('server', name, url, ordinal))
    this.#refreshSecs = refreshMs === undefined ? undefined : refreshMs / 1000
    // The first request need not wait for the hashes.
    this.#names.endpointOf('', pool.all)
  }

  read(value: string): Visit | undefined {
    const isTimed = value.length > hashLength
    if (isTimed && value[hashLength] !== dot) return undefined
    const name = isTimed ? value.slice(0, hashLength) : value
    const endpoint = this.#names.endpointOf(name, this.#pool.all)
    if (endpoint === undefined) return undefined
    return new Visit(undefined, endpoint, this.#isDue(value))
  }

  bind(_visit: Visit, endpoint: Endpoint): string | undefined {
    const name = this.#names.nameOf(endpoint, this.#pool.all)
    if (name === undefined || this.#refreshSecs === undefined) return name
    return `${name}${dot}${currentSecond().toString(radix)}`
  }

  #isDue(value: string): boolean {
    if (this.#refreshSecs === undefined) return false
    const sentAt = Number.parseInt(value.slice(hashLength + 1), radix)
    // Also if there is no time, or one that no clock can have shown.
    return !(Math.abs(currentSecond() - sentAt) <= this.#refreshSecs)
  }
}

/** Other gateways must mean the same by it, and it must not begin anew with the process. */
function currentSecond(): number {
  return Math.floor(Date.now() / 1000)
}
