import { isIP } from 'node:net'
import { sameSecret } from '@gatewright/identity'
import { type Network, NetworkSet, tryNetwork } from '@gatewright/ip-networks'
import { tryAddress } from '@gatewright/kernel'
import { errors } from './errors.ts'
import type { ManagementOptions } from './options.ts'

/** What an answer asks of who wants it. */
export type Role = 'read' | 'admin'

/** Who asks, if that is known. */
export interface Actor {
  /** For the log: what was shown. */
  readonly name: 'admin_token' | 'token' | 'certificate' | 'nobody in particular'
  readonly roles: readonly Role[]
}

/** Who may ask what. */
export class Access {
  readonly #networks: NetworkSet
  readonly #hosts: ReadonlySet<string>
  readonly #token: string | undefined
  readonly #adminToken: string | undefined
  /** Whoever has a connection has shown a certificate. */
  readonly #certified: boolean

  /** Throws GW_MANAGEMENT_… */
  constructor(options: ManagementOptions) {
    const { token, admin_token: adminToken, address, tls } = options
    this.#token = token
    this.#adminToken = adminToken
    this.#certified = tls?.client_auth?.mode === 'require'
    this.#networks = networksOf(options.allowed_ips)
    this.#hosts = new Set(options.hosts.map((host) => host.toLowerCase()))
    const isOpen = token === undefined && adminToken === undefined && !this.#certified
    if (isOpen && !isLoopback(tryAddress(address)?.host)) {
      throw errors.GW_MANAGEMENT_OPEN({ address }, { option: ['address'] })
    }
    if (token !== undefined && token === adminToken) {
      throw errors.GW_MANAGEMENT_SAME_TOKEN(undefined, { option: ['admin_token'] })
    }
  }

  /** True if nobody needs a token. */
  get isTokenless(): boolean {
    return this.#token === undefined && this.#adminToken === undefined
  }

  /** Whether somebody at that address may ask at all. */
  allowsAddress(address: string | undefined): boolean {
    return address !== undefined && this.#networks.has(address)
  }

  /**
   * Whether that is a name of this listener, and not one that somebody else made lead here. An
   * address always is: nobody can make that lead elsewhere.
   */
  allowsHost(field: string | undefined): boolean {
    if (field === undefined) return false
    const match = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:]*))(?::\d*)?$/.exec(field.trim().toLowerCase())
    const { v6, name = '' } = match?.groups ?? {}
    if (match === null) return false
    if (v6 !== undefined) return isIP(v6) === 6
    return name === 'localhost' || isIP(name) === 4 || this.#hosts.has(name)
  }

  /**
   * Who shows that in `Authorization`; `undefined` if it is nobody who may ask anything. Takes as
   * long whatever is wrong with it.
   */
  actorOf(authorization: string | undefined): Actor | undefined {
    if (this.isTokenless) {
      const name = this.#certified ? 'certificate' : 'nobody in particular'
      return { name, roles: ['read', 'admin'] }
    }
    const shown = /^bearer +(?<token>\S+) *$/i.exec(authorization ?? '')?.groups?.['token']
    if (shown === undefined) return undefined
    const isAdmin = isSame(shown, this.#adminToken)
    const isReader = isSame(shown, this.#token)
    if (isAdmin) return { name: 'admin_token', roles: ['read', 'admin'] }
    return isReader ? { name: 'token', roles: ['read'] } : undefined
  }
}

function isSame(shown: string, token: string | undefined): boolean {
  // Without one, the same work for nothing.
  const same = sameSecret(shown, token ?? '')
  return token !== undefined && same
}

function networksOf(texts: readonly string[]): NetworkSet {
  const networks: Network[] = []
  for (const [index, text] of texts.entries()) {
    const network = tryNetwork(text)
    if (network === undefined) {
      throw errors.GW_MANAGEMENT_NETWORK({ text }, { option: ['allowed_ips', index] })
    }
    networks.push(network)
  }
  return new NetworkSet(networks)
}

/** A name other than `localhost` may lead anywhere. */
function isLoopback(host: string | undefined): boolean {
  if (host === 'localhost') return true
  return host === '::1' || (host !== undefined && isIP(host) === 4 && host.startsWith('127.'))
}
