import { isIP } from 'node:net'
import { NetworkSet, tryNetwork } from '@gatewright/ip-networks'
import type { ConfigPath, Scope } from '@gatewright/kernel'
import { openWatchedFile } from '@gatewright/watched-file'
import { errors } from './errors.ts'
import type { IpAllowOptions } from './options.ts'

/** Networks that may be others a moment later. */
interface Networks {
  readonly value: NetworkSet
}

/** Who may come in. */
export class AccessList {
  /** Empty lets everybody in who is not denied. */
  readonly #allowed: readonly Networks[]
  readonly #denied: readonly Networks[]

  constructor(allowed: readonly Networks[], denied: readonly Networks[]) {
    this.#allowed = allowed
    this.#denied = denied
  }

  /** Reads the files, and follows them while the configuration is active. */
  static async open(options: IpAllowOptions, scope: Scope): Promise<AccessList> {
    const { allowed_ips: allowed = [], denied_ips: denied } = options
    const allow = listed(allowed, ['allowed_ips'])
    const deny = listed(denied, ['denied_ips'])
    const { allowed_ips_file: allowFile, denied_ips_file: denyFile } = options
    if (allowFile !== undefined) {
      // A file that is just being written must not lock everybody out.
      const file = { path: allowFile, option: ['allowed_ips_file'], parse: parseSome }
      allow.push(await openWatchedFile(scope, file))
    }
    if (denyFile !== undefined) {
      const file = { path: denyFile, option: ['denied_ips_file'], parse: parseLines }
      deny.push(await openWatchedFile(scope, file))
    }
    if (allow.length === 0 && deny.length === 0) throw errors.GW_IP_ALLOW_NO_LIST()
    return new AccessList(allow, deny)
  }

  /** A client that has no address is never let in. */
  lets(address: string | undefined): boolean {
    if (address === undefined || isIn(this.#denied, address)) return false
    return this.#allowed.length === 0 ? isIP(address) !== 0 : isIn(this.#allowed, address)
  }
}

/** Throws GW_IP_ALLOW_BAD_NETWORK. */
export function networkSet(texts: readonly string[], option: ConfigPath): NetworkSet {
  return new NetworkSet(
    texts.map((text, index) => {
      const network = tryNetwork(text)
      if (network !== undefined) return network
      throw errors.GW_IP_ALLOW_BAD_NETWORK({ text }, { option: [...option, index] })
    }),
  )
}

function listed(texts: readonly string[], option: ConfigPath): Networks[] {
  return texts.length === 0 ? [] : [{ value: networkSet(texts, option) }]
}

function isIn(lists: readonly Networks[], address: string): boolean {
  for (const { value } of lists) if (value.has(address)) return true
  return false
}

/** One entry a line; `#` begins a comment. */
function parseLines(text: string): NetworkSet {
  const networks = []
  for (const [index, line] of text.split('\n').entries()) {
    const entry = line.split('#', 1)[0]?.trim() ?? ''
    if (entry === '') continue
    const network = tryNetwork(entry)
    // Not quoted: it may be another file altogether, such as one of secrets.
    if (network === undefined) throw new Error(`line ${index + 1}: that is no network`)
    networks.push(network)
  }
  return new NetworkSet(networks)
}

function parseSome(text: string): NetworkSet {
  const networks = parseLines(text)
  if (networks.size === 0) throw new Error('it names no address')
  return networks
}
