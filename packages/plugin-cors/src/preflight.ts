import type { GatewayRequest, HeaderList } from '@gatewright/kernel'
import type { CorsOptions } from './options.ts'

/** What a browser asks for before it sends a request (Fetch standard, CORS-preflight fetch). */
export interface Preflight {
  readonly method: string
  /** As received; `undefined` if the request has no fields that need permission. */
  readonly headers: string | undefined
  readonly privateNetwork: boolean
}

/** `undefined` if the request is none; any other OPTIONS request is the service's. */
export function preflightOf({ method, headers }: GatewayRequest): Preflight | undefined {
  if (method !== 'OPTIONS') return undefined
  const requested = headers.get('access-control-request-method')
  if (requested === undefined) return undefined
  return {
    method: requested,
    headers: headers.get('access-control-request-headers'),
    privateNetwork: headers.get('access-control-request-private-network') === 'true',
  }
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const tokens = /^[!#$%&'*+\-.^_`|~0-9A-Za-z, \t]+$/

/** The permissions in the answer to a preflight. */
export class Permissions {
  /** `undefined` allows every method that is asked for. */
  readonly #methods: string | undefined
  /** The same for fields. A literal `*` would not cover `Authorization`. */
  readonly #headers: string | undefined
  readonly #privateNetwork: boolean
  readonly #maxAge: string

  constructor(options: CorsOptions) {
    this.#methods = listOf(options.allowed_methods)
    this.#headers = listOf(options.allowed_headers)
    this.#privateNetwork = options.allow_private_network
    this.#maxAge = String(Math.floor(options.max_age / 1000))
  }

  addTo(fields: HeaderList, { method, headers, privateNetwork }: Preflight): void {
    const methods = this.#methods ?? (token.test(method) ? method : '')
    const names = this.#headers ?? (headers !== undefined && tokens.test(headers) ? headers : '')
    if (methods !== '') fields.set('access-control-allow-methods', methods)
    if (names !== '') fields.set('access-control-allow-headers', names)
    if (this.#privateNetwork && privateNetwork) {
      fields.set('access-control-allow-private-network', 'true')
    }
    fields.set('access-control-max-age', this.#maxAge)
  }
}

/** One field value, with each name once, whatever its case; `undefined` for all. */
function listOf(names: readonly string[]): string | undefined {
  if (names.includes('*')) return undefined
  const once = new Map(names.map((name) => [name.toLowerCase(), name]))
  return [...once.values()].join(', ')
}
