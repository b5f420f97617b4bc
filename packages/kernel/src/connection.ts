/**
 * What a protocol server tells of an accepted connection.
 *
 * @module
 */
import type { GatewayRequest } from './request.ts'
import type { Snapshot } from './snapshot.ts'

/** What a certificate says that the client of a connection has shown and that was verified. */
export interface ClientCertificate {
  /** Distinguished name on one line (RFC 4514), the most specific part first: `CN=alice,O=Acme`. */
  readonly subject: string
  readonly issuer: string
  /** Hexadecimal, lower-case. */
  readonly serialNumber: string
  /** SHA-256 of the certificate: hexadecimal, lower-case, without colons. */
  readonly fingerprint256: string
  /** Each with its kind in front: `DNS:alice.example`, `URI:spiffe://…`, `email:…`. */
  readonly subjectAltNames: readonly string[]
  readonly validFrom: Date
  readonly validTo: Date
  /** The whole certificate. */
  readonly der: Uint8Array
  readonly pem: string
}

/** What the gateway knows of an accepted socket or UDP flow. Made by a protocol server. */
export interface Connection {
  /** Unique in the process. */
  readonly id: number
  /** Name of the entrypoint. */
  readonly entrypoint: string
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localPort: number
  /** Where the client connected to, if the protocol says so. */
  readonly localAddress?: string
  readonly encrypted: boolean
  /** SNI server name (RFC 6066 section 3), lower-case. */
  readonly serverName: string | undefined
  /** Negotiated ALPN id (RFC 7301), such as `h2`. */
  readonly alpn: string | undefined
  /** The ALPN ids that the client of an encrypted stream offers, if somebody looked. */
  readonly offeredAlpn?: readonly string[] | undefined
  /** What the client has shown of itself, if the entrypoint asked for it and it is valid. */
  readonly clientCertificate?: ClientCertificate | undefined
  /** True if the peer is a proxy that this entrypoint trusts, so that many clients share its address. */
  readonly fromTrustedProxy?: boolean
  /**
   * True if this entrypoint believes whatever anybody says of the client's address, so that it may
   * open no doors.
   */
  readonly clientAddressIsClaimed?: boolean
  /** The configuration that was active when the connection was accepted. */
  readonly snapshot: Snapshot
  /** Runs `fn` once when the connection has closed. */
  defer(fn: () => void): void
  /** The client behind proxies that this entrypoint trusts; without it, the peer counts. */
  clientAddressOf?(request: GatewayRequest): string
}
