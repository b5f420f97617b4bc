import { IpAddress } from '../input/ip-address.ts'

/** An address or a block of addresses in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3). */
export class IpRange {
  readonly #first: Uint8Array
  /** How many leading bits count, of 128. */
  readonly #bits: number
  readonly #ipv4: boolean

  /** @param bits How many of the 128 bits of the address count. */
  constructor(address: IpAddress, bits: number) {
    this.#first = address.bytes
    this.#bits = bits
    this.#ipv4 = bits >= 96 && address.isIpv4
  }

  /** Bits of the address behind the prefix do not matter. `undefined` if the text is no range. */
  static tryParse(text: string): IpRange | undefined {
    const [, host = '', length] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
    const address = new IpAddress()
    if (!address.read(host)) return undefined
    const unused = host.includes(':') ? 0 : 96
    const bits = length === undefined ? 128 : Number(length) + unused
    return bits > 128 ? undefined : new IpRange(address, bits)
  }

  /** `::/0` holds no IPv4 address, as elsewhere, although those are mapped into it here. */
  has(address: IpAddress): boolean {
    if (address.isIpv4 !== this.#ipv4) return false
    const { bytes } = address
    const whole = this.#bits >> 3
    for (let i = 0; i < whole; i++) if (bytes[i] !== this.#first[i]) return false
    const rest = this.#bits & 7
    if (rest === 0) return true
    const difference = (bytes[whole] ?? 0) ^ (this.#first[whole] ?? 0)
    return difference >> (8 - rest) === 0
  }
}
