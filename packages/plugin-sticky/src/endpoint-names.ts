import type { Endpoint } from '@gatewright/kernel'

/** Makes the name of a server. @param ordinal 0 for the first one with that URL, and so on. */
export type NameMaker = (url: string, ordinal: number) => string

/** How servers are called in cookies and in tables. Made anew only when servers come or go. */
export class EndpointNames {
  readonly #make: NameMaker
  #all: readonly Endpoint[] = []
  #endpoints: ReadonlyMap<string, Endpoint> = new Map()
  #names: ReadonlyMap<Endpoint, string> = new Map()

  constructor(make: NameMaker) {
    this.#make = make
  }

  /** The server of that name among those of a pool. */
  endpointOf(name: string, all: readonly Endpoint[]): Endpoint | undefined {
    if (all !== this.#all) this.#nameAll(all)
    return this.#endpoints.get(name)
  }

  /** `undefined` if it is none of those of the pool. */
  nameOf(endpoint: Endpoint, all: readonly Endpoint[]): string | undefined {
    if (all !== this.#all) this.#nameAll(all)
    return this.#names.get(endpoint)
  }

  #nameAll(all: readonly Endpoint[]): void {
    const ordinals = new Map<string, number>()
    const endpoints = new Map<string, Endpoint>()
    const names = new Map<Endpoint, string>()
    for (const endpoint of all) {
      const { href } = endpoint.url
      // Two servers with one URL are two servers.
      const ordinal = ordinals.get(href) ?? 0
      ordinals.set(href, ordinal + 1)
      const name = this.#names.get(endpoint) ?? this.#make(href, ordinal)
      endpoints.set(name, endpoint)
      names.set(endpoint, name)
    }
    this.#all = all
    this.#endpoints = endpoints
    this.#names = names
  }
}
