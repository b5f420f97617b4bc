import type { Certificate, PeerCertificate } from 'node:tls'
import { connectError } from '@gatewright/http1'
import { type GatewayError, problemOf } from '@gatewright/kernel'
import { errors } from './errors.ts'

/** What is known about a handshake that failed. */
export interface FailedHandshake {
  /** What the certificate should have been made out to. */
  readonly name: string
  /** What the server has shown, if it came so far. */
  readonly certificate: PeerCertificate | undefined
  /** Whether there is a certificate that could be shown to the server. */
  readonly hasOwn: boolean
}

type Words = (handshake: FailedHandshake) => string

/** What may be wrong with the certificate of a server, by the code of OpenSSL or Node. */
const certificateWords: Readonly<Record<string, Words>> = {
  CERT_HAS_EXPIRED: ({ certificate }) =>
    isOver(certificate)
      ? `its certificate has expired, on ${certificate?.valid_to}; renew it`
      : 'a certificate that signed that of the server has expired; renew it',
  CERT_NOT_YET_VALID: ({ certificate }) =>
    `its certificate is valid from ${certificate?.valid_from ?? 'a later day'} on; look at the clocks of both machines`,
  DEPTH_ZERO_SELF_SIGNED_CERT: () =>
    'its certificate is self-signed; name a copy of it in upstream_tls.ca_files to trust it',
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_UNTRUSTED: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_REVOKED: () => 'its certificate was revoked; renew it',
  INVALID_PURPOSE: () => 'its certificate is not for servers; have one issued that is',
  ERR_TLS_CERT_ALTNAME_INVALID: ({ name, certificate }) =>
    `its certificate is for ${namesOn(certificate)}, not for "${name}"; ` +
    'set upstream_tls.server_name to a name that it is for, or give the server another certificate',
}

/** What a server may say in an alert, by what is in the code of OpenSSL. */
const alertWords: readonly (readonly [part: string, words: Words])[] = [
  [
    'CERTIFICATE_REQUIRED',
    () => 'it demands a client certificate; set upstream_tls.cert_file and key_file',
  ],
  ['UNKNOWN_CA', refusesOurs],
  ['BAD_CERTIFICATE', refusesOurs],
  ['CERTIFICATE_EXPIRED', refusesOurs],
  ['CERTIFICATE_REVOKED', refusesOurs],
  ['CERTIFICATE_UNKNOWN', refusesOurs],
  ['UNSUPPORTED_CERTIFICATE', refusesOurs],
  ['ACCESS_DENIED', refusesOurs],
  ['PROTOCOL_VERSION', () => 'it speaks other versions of TLS only; see upstream_tls.min_version'],
  ['UNRECOGNIZED_NAME', unknownName],
  ['NO_APPLICATION_PROTOCOL', () => 'it speaks none of the protocols that are offered to it'],
  [
    'HANDSHAKE_FAILURE',
    ({ hasOwn }) =>
      'it found nothing that both sides support' +
      (hasOwn ? '' : ', or wants a client certificate: see upstream_tls.cert_file'),
  ],
]

/** Of OpenSSL, which calls only some of them alerts. */
const alertCode = /^ERR_SSL_(?:SSLV3|SSL\/TLS|TLSV13?)_(?:ALERT_)?(\w+)$/
/** What OpenSSL makes of bytes that are no TLS. */
const notTls =
  /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_TOO_|HTTP_REQUEST|BAD_RECORD_TYPE/
const noVersion = /UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|VERSION_TOO_LOW/
/** What the end of a connection looks like during a handshake. */
const cutOff: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])

/**
 * Why there is no encrypted connection, and what can be done about that: an error with status 502,
 * or what `connectError` makes of one that TLS has nothing to do with.
 */
export function handshakeError(
  endpoint: string,
  error: Error,
  handshake: FailedHandshake,
): GatewayError {
  const code = codeOf(error)
  // Logs show what can be enumerated: of a certificate that would be kilobytes in each line.
  if ('cert' in error) Object.defineProperty(error, 'cert', { enumerable: false })
  const cause = { cause: error }
  const words = certificateWords[code]
  if (words !== undefined) {
    return errors.GW_UPSTREAM_TLS_CERTIFICATE({ endpoint, problem: words(handshake) }, cause)
  }
  const problem = alertProblem(code, handshake)
  if (problem !== undefined) return errors.GW_UPSTREAM_TLS_ALERT({ endpoint, problem }, cause)
  if (cutOff.has(code)) {
    const closed = 'it closed the connection during the handshake; is it a port for TLS?'
    return errors.GW_UPSTREAM_TLS({ endpoint, problem: closed }, cause)
  }
  if (/^E[A-Z]+$/.test(code) || code === '') return connectError(endpoint, error)
  return errors.GW_UPSTREAM_TLS({ endpoint, problem: protocolProblem(code, error) }, cause)
}

/**
 * With TLS 1.3 a server looks at the client's certificate after the client is done, so what it does
 * not like comes in place of the first response. It has not looked at the request then.
 */
export function lateHandshakeError(
  endpoint: string,
  error: Error,
  handshake: FailedHandshake,
): GatewayError | undefined {
  const problem = alertProblem(codeOf(error), handshake)
  if (problem === undefined) return undefined
  return errors.GW_UPSTREAM_TLS_ALERT({ endpoint, problem }, { cause: error })
}

function alertProblem(code: string, handshake: FailedHandshake): string | undefined {
  const alert = alertCode.exec(code)?.[1]
  if (alert === undefined) return undefined
  const known = alertWords.find(([part]) => alert === part)
  return known?.[1](handshake) ?? `it said "${alert.toLowerCase()}"`
}

function protocolProblem(code: string, error: Error): string {
  if (notTls.test(code)) {
    return 'it does not speak TLS on this port; use another port, or a scheme without TLS such as http'
  }
  if (noVersion.test(code)) {
    return 'it speaks other versions of TLS only; see upstream_tls.min_version'
  }
  return `${code}: ${problemOf(error)}`
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : ''
}

function unknownAuthority({ certificate }: FailedHandshake): string {
  const issuer = certificate === undefined ? '' : ` "${nameOf(certificate.issuer)}"`
  return (
    `its certificate is signed by an authority that is not trusted${issuer}; ` +
    'name the file of that authority in upstream_tls.ca_files, or have the server send the certificates in between'
  )
}

function unknownName({ name }: FailedHandshake): string {
  return `it does not know the name "${name}"; see upstream_tls.server_name`
}

function refusesOurs({ hasOwn }: FailedHandshake): string {
  return hasOwn
    ? 'it does not accept the client certificate in upstream_tls.cert_file; have it signed by an authority that the server trusts'
    : 'it demands a client certificate; set upstream_tls.cert_file and key_file'
}

function isOver(certificate: PeerCertificate | undefined): boolean {
  return certificate !== undefined && Date.parse(certificate.valid_to) < Date.now()
}

function namesOn(certificate: PeerCertificate | undefined): string {
  const names = certificate?.subjectaltname?.replaceAll(/(?:DNS|IP Address):/g, '')
  if (names !== undefined) return names
  const subject = certificate === undefined ? '' : nameOf(certificate.subject)
  return subject === '' ? 'no name' : `"${subject}" without any alternative name`
}

/** A distinguished name as others write it, such as `O=Example, CN=Example CA`. */
function nameOf(name: Certificate): string {
  return Object.entries(name)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(', ')
}
