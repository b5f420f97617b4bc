import { forwardedKinds, HeaderBlock, WireHeaders } from '@gatewright/http1'
import type { GatewayRequest, HeaderList } from '@gatewright/kernel'
import type { TrustedPeers } from './trusted-peers.ts'

/** Names of the family that are not `x-forwarded-…`. */
const others = ['forwarded', 'x-real-ip']

/**
 * The fields that tell the upstream who the client is and what it asked for (`X-Forwarded-*`). What
 * a client says about itself is believed of trusted peers only, and removed from all others.
 */
export class ForwardedFields {
  /** Whether the peer's own fields are believed. */
  readonly trusted: boolean
  readonly #peer: string
  readonly #peers: TrustedPeers
  readonly #proto: string
  /** For the host of the last request; clients rarely ask one connection for two hosts. */
  #block: HeaderBlock | undefined = undefined
  #host: string | undefined = undefined

  constructor(peer: string, peers: TrustedPeers, proto: 'http' | 'https') {
    this.#peer = peer
    this.#peers = peers
    this.trusted = peers.has(peer)
    this.#proto = proto
  }

  apply(request: GatewayRequest): void {
    const { headers } = request
    if (this.trusted) return this.#complete(request, headers)
    const block = this.#blockFor(request.authority)
    if (headers instanceof WireHeaders) {
      headers.inject(block, forwardedKinds)
      return
    }
    removeFamily(headers)
    for (let i = 0; i < block.fields.length; i += 2) {
      headers.append(block.fields[i] ?? '', block.fields[i + 1] ?? '')
    }
  }

  /** Adds the peer to what a trusted proxy said, and what it did not say. */
  #complete({ authority }: GatewayRequest, headers: HeaderList): void {
    const before = headers.getAll('x-forwarded-for').map((line) => line.trim())
    headers.set('x-forwarded-for', [...before, this.#peer].join(', '))
    const defaults = {
      'x-real-ip': this.#peers.clientOf(before, this.#peer),
      'x-forwarded-proto': this.#proto,
      'x-forwarded-host': authority,
      'x-forwarded-port': this.#portOf(authority),
    }
    for (const [name, value] of Object.entries(defaults)) {
      if (!headers.has(name) && value !== '') headers.set(name, value)
    }
  }

  #blockFor(host: string): HeaderBlock {
    if (this.#block !== undefined && this.#host === host) return this.#block
    this.#host = host
    const fields = ['x-forwarded-for', this.#peer, 'x-real-ip', this.#peer]
    fields.push('x-forwarded-proto', this.#proto)
    if (host !== '') fields.push('x-forwarded-host', host)
    fields.push('x-forwarded-port', this.#portOf(host))
    this.#block = new HeaderBlock(fields)
    return this.#block
  }

  #portOf(host: string): string {
    return /:(\d+)$/.exec(host)?.[1] ?? (this.#proto === 'https' ? '443' : '80')
  }
}

function removeFamily(headers: HeaderList): void {
  const names = new Set<string>(others)
  for (const [name] of headers) if (name.startsWith('x-forwarded-')) names.add(name)
  for (const name of names) headers.delete(name)
}
