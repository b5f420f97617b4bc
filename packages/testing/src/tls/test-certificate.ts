import type { webcrypto } from 'node:crypto'
import type * as X509 from '@peculiar/x509'

/** What a certificate for tests says. */
export interface TestCertificateInit {
  /** Host names, wildcards and addresses it is for. Default none, as for clients. */
  readonly names?: readonly string[]
  /** Who signs it. Default: its own key. */
  readonly ca?: TestCertificate
  /** Default: the first of its names. */
  readonly commonName?: string
  /** True for one that may sign others. */
  readonly isAuthority?: boolean
  /** Default: an hour ago. */
  readonly notBefore?: Date
  /** Default: in a day. */
  readonly notAfter?: Date
}

/** A certificate with its key, in PEM. */
export interface TestCertificate {
  /** Without those that signed it. */
  readonly cert: string
  readonly key: string
  /** Distinguished name, such as `CN=a.test`. */
  readonly subject: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const hourMs = 3_600_000

/**
 * Makes a certificate for tests, with a key of its own (ECDSA, P-256).
 *
 * @example
 * ```ts
 * const ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
 * const server = await testCertificate({ names: ['localhost', '127.0.0.1'], ca })
 * ```
 */
export async function testCertificate(init: TestCertificateInit = {}): Promise<TestCertificate> {
  const x509 = await library()
  const { names = [], ca, isAuthority = false } = init
  const subject = `CN=${init.commonName ?? names[0] ?? 'test'}`
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const signingKey = ca === undefined ? keys.privateKey : await importKey(x509, ca.key)
  const now = Date.now()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex'),
    subject,
    issuer: ca?.subject ?? subject,
    notBefore: init.notBefore ?? new Date(now - hourMs),
    notAfter: init.notAfter ?? new Date(now + 24 * hourMs),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, undefined, true),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names.map(named))]),
    ],
  })
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  const key = x509.PemConverter.encode(der, 'PRIVATE KEY')
  return { cert: `${certificate.toString('pem')}\n`, key: `${key}\n`, subject }
}

let loaded: Promise<typeof X509> | undefined

/** Only tests with certificates wait for it. */
function library(): Promise<typeof X509> {
  // The library needs it in front of itself.
  loaded ??= import('reflect-metadata').then(() => import('@peculiar/x509'))
  return loaded
}

function importKey(x509: typeof X509, pem: string): Promise<webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(pem)
  return crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}

function named(name: string): X509.JsonGeneralName {
  return { type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns', value: name }
}
