/**
 * TLS for entrypoints: certificates by server name, kept up to date, and handshakes.
 *
 * @module
 */
export type { CertificateStore } from './certificate-store.ts'
export { type ClientHello, ClientHelloReader, maxHelloBytes } from './client-hello.ts'
export type { Handshake, HandshakeEvents, HandshakeFailure, Secured } from './handshake.ts'
export {
  type CertificateOptions,
  type ClientAuthOptions,
  type TlsOptions,
  tlsSchema,
} from './options.ts'
export type { PresentedCertificate } from './presented-certificate.ts'
export { openServerTls, ServerTls, type ServerTlsInit, type TlsScope } from './server-tls.ts'
