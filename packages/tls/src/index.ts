/**
 * TLS for entrypoints: certificates by server name, kept up to date, and handshakes. TLS to servers:
 * who is trusted, and connections.
 *
 * @module
 */
export { type CertificateBoard, certificateBoardOf } from './certificate-board.ts'
export type { CertificateStore } from './certificate-store.ts'
export { type ClientHello, ClientHelloReader, maxHelloBytes } from './client-hello.ts'
export {
  type Handshake,
  type HandshakeEvents,
  type HandshakeFailure,
  type Secured,
  unrecognizedName,
} from './handshake.ts'
export type { KeyPair } from './key-pair.ts'
export {
  type CertificateOptions,
  type ClientAuthOptions,
  type TlsOptions,
  tlsSchema,
} from './options.ts'
export type { PresentedCertificate } from './presented-certificate.ts'
export type { ServerNames } from './server-names.ts'
export { openServerTls, ServerTls, type ServerTlsInit, type TlsScope } from './server-tls.ts'
export { clientTlsSchema, type UpstreamTlsOptions, upstreamTlsSchema } from './upstream/options.ts'
export type { TlsDialer } from './upstream/tls-dialer.ts'
export {
  isSecure,
  openClientTls,
  openUpstreamTls,
  type UpstreamTls,
  type UpstreamTlsScope,
  upstreamTls,
} from './upstream/upstream-tls.ts'
