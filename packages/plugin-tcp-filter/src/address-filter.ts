import { NetworkSet, tryNetwork } from '@gatewright/ip-networks'
import type { ConfigPath } from '@gatewright/kernel'
import { errors } from './errors.ts'
import type { TcpFilterOptions } from './options.ts'

/** Who may connect. */
export class AddressFilter {
  readonly #allowed: NetworkSet | undefined
  readonly #denied: NetworkSet | undefined

  /** Throws GW_TCP_FILTER_BAD_NETWORK. */
  constructor({ tcp_allowed_ips: allowed, tcp_denied_ips: denied }: TcpFilterOptions) {
    this.#allowed = allowed && networkSet(allowed, ['tcp_allowed_ips'])
    this.#denied = denied && networkSet(denied, ['tcp_denied_ips'])
  }

  lets(address: string): boolean {
    if (this.#denied?.has(address) === true) return false
    return this.#allowed?.has(address) ?? true
  }
}

function networkSet(texts: readonly string[], option: ConfigPath): NetworkSet {
  return new NetworkSet(
    texts.map((text, index) => {
      const network = tryNetwork(text)
      if (network !== undefined) return network
      throw errors.GW_TCP_FILTER_BAD_NETWORK({ text }, { option: [...option, index] })
    }),
  )
}
