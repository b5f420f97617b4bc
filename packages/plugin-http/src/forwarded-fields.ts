import { forwardedKinds, HeaderBlock, WireHeaders } from '@gatewright/http1'
import type { GatewayRequest, HeaderList, RequestContext } from '@gatewright/kernel'
import type { TrustedPeers } from './trusted-peers.ts'

/** Servers with a CGI-like interface cannot tell an underscore from a hyphen. */
const family = /^(?:x[-_](?:forwarded[-_]|real[-_]ip$)|forwarded$)/

/**
 * The fields that tell the upstream who the client is and what it asked for (`X-Forwarded-*`). What
 * a client says about itself is believed of trusted peers only, and removed from all others.
 */
export class ForwardedFields {
  readonly #peer: string
  readonly #peers: TrustedPeers
  /** Whether the peer's own fields are believed. */
  readonly #believed: boolean
  readonly #proto: string
  readonly #clientCert: string | undefined
  /** For the host of the last request; clients rarely ask one connection for two hosts. */
  #block: HeaderBlock | undefined = undefined
  #host: string | undefined = undefined

  /** @param clientCert Value of `X-Forwarded-Client-Cert`. */
  constructor(peer: string, peers: TrustedPeers, proto: 'http' | 'https', clientCert?: string) {
    this.#peer = peer
    this.#peers = peers
    this.#believed = peers.has(peer)
    this.#proto = proto
    this.#clientCert = clientCert
  }

  /**
   * Puts the fields into a request.
   * @returns The client's address.
   */
  apply(request: GatewayRequest): string {
    const { headers } = request
    if (this.#believed) return this.#complete(request, headers)
    const block = this.#blockFor(request.authority)
    if (headers instanceof WireHeaders) headers.inject(block, forwardedKinds)
    else replaceFamily(headers, block)
    return this.#peer
  }

  /**
   * Has an exchange keep the address that {@link ForwardedFields.apply} gave for its request. Asked
   * for later, it could be that of another stream, or of the next request.
   */
  settle(ctx: RequestContext): RequestContext {
    if (this.#believed) void ctx.clientAddress
    return ctx
  }

  /** Adds the peer to what a trusted proxy said, and what it did not say. */
  #complete({ authority }: GatewayRequest, headers: HeaderList): string {
    const before = headers.getAll('x-forwarded-for').filter((line) => line !== '')
    const client = this.#peers.clientOf(before, this.#peer)
    headers.set('x-forwarded-for', [...before, this.#peer].join(', '))
    setDefault(headers, 'x-real-ip', client)
    setDefault(headers, 'x-forwarded-proto', this.#proto)
    setDefault(headers, 'x-forwarded-host', authority)
    setDefault(headers, 'x-forwarded-port', this.#portOf(authority))
    setDefault(headers, 'x-forwarded-client-cert', this.#clientCert ?? '')
    return client
  }

  #blockFor(host: string): HeaderBlock {
    if (this.#block !== undefined && this.#host === host) return this.#block
    this.#host = host
    const fields = ['x-forwarded-for', this.#peer, 'x-real-ip', this.#peer]
    fields.push('x-forwarded-proto', this.#proto)
    if (host !== '') fields.push('x-forwarded-host', host)
    fields.push('x-forwarded-port', this.#portOf(host))
    if (this.#clientCert !== undefined) fields.push('x-forwarded-client-cert', this.#clientCert)
    this.#block = new HeaderBlock(fields)
    return this.#block
  }

  #portOf(host: string): string {
    return /:(\d+)$/.exec(host)?.[1] ?? (this.#proto === 'https' ? '443' : '80')
  }
}

function setDefault(headers: HeaderList, name: string, value: string): void {
  if (value !== '' && !headers.has(name)) headers.set(name, value)
}

/** For headers that came by another protocol. */
function replaceFamily(headers: HeaderList, { fields }: HeaderBlock): void {
  let found: string[] | undefined
  const raw = headers.raw()
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? ''
    if (!family.test(name)) continue
    found ??= []
    found.push(name)
  }
  for (const name of found ?? []) headers.delete(name)
  for (let i = 0; i < fields.length; i += 2) headers.append(fields[i] ?? '', fields[i + 1] ?? '')
}
