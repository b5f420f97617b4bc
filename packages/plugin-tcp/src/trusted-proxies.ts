import { NetworkSet, tryNetwork } from '@gatewright/ip-networks'
import type { ProxyProtocolOptions } from './options.ts'

/** More than one warning a second would help whoever causes them. */
const warningIntervalMs = 1000

/** The peers that begin with a PROXY header. */
export class TrustedProxies {
  readonly timeoutMs: number
  readonly #everybody: boolean
  readonly #networks: NetworkSet
  #warnedAt = Number.NEGATIVE_INFINITY

  constructor({ trusted_ips: networks, insecure, timeout }: ProxyProtocolOptions) {
    this.timeoutMs = timeout
    this.#everybody = insecure
    // They have been validated.
    const known = networks.map((network) => tryNetwork(network))
    this.#networks = new NetworkSet(known.filter((network) => network !== undefined))
  }

  has(address: string): boolean {
    return this.#everybody || this.#networks.has(address)
  }

  /** True now and then. */
  mayWarn(now: number): boolean {
    if (now - this.#warnedAt < warningIntervalMs) return false
    this.#warnedAt = now
    return true
  }
}
