import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { problemOf } from '@gatewright/kernel'
import { errors } from './errors.ts'
import { type PemFile, readPemFile } from './pem-file.ts'
import { namesOf, ServerNames } from './server-names.ts'

/** Where a certificate and its key are, and what it is for. */
export interface PairPlan {
  readonly cert: PemFile
  readonly key: PemFile
  /** Instead of those that it is made out to. */
  readonly domains: readonly string[] | undefined
}

/** A certificate with the key that belongs to it. */
export interface KeyPair {
  /** PEM text: the certificate, then those that signed it. */
  readonly cert: string
  readonly key: string
  /** The first certificate. */
  readonly leaf: X509Certificate
  readonly names: ServerNames
}

/**
 * Makes a pair of what stands in its files.
 * Throws GW_TLS_CERTIFICATE_INVALID, GW_TLS_KEY_INVALID or GW_TLS_KEY_MISMATCH.
 */
export function parsePair(plan: PairPlan, cert: string, key: string): KeyPair {
  const [leaf] = parseCertificates(plan.cert, cert)
  const privateKey = parseKey(plan.key, key)
  if (!leaf.checkPrivateKey(privateKey)) {
    const params = { cert: plan.cert.path, key: plan.key.path }
    throw errors.GW_TLS_KEY_MISMATCH(params, { option: plan.key.option })
  }
  return { cert, key, leaf, names: new ServerNames(plan.domains ?? namesOf(leaf)) }
}

/** Reads both files, and makes a pair of them. Throws what `readPemFile` and `parsePair` throw. */
export function readPair(plan: PairPlan): KeyPair {
  return parsePair(plan, readPemFile(plan.cert), readPemFile(plan.key))
}

/**
 * Reads a file of certificates, and checks them.
 * Throws GW_TLS_FILE_UNREADABLE or GW_TLS_CERTIFICATE_INVALID.
 * @returns Its text.
 */
export function readAuthorities(file: PemFile): string {
  const text = readPemFile(file)
  parseCertificates(file, text)
  return text
}

/**
 * Checks all certificates of a file.
 * @returns The first one, then the others.
 */
export function parseCertificates(
  { path, option }: PemFile,
  text: string,
): [X509Certificate, ...X509Certificate[]] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  const invalid = (problem: string, cause?: unknown): Error =>
    errors.GW_TLS_CERTIFICATE_INVALID({ path, problem }, { cause, option })
  try {
    const [first, ...others] = blocks.map((block) => new X509Certificate(block))
    if (first !== undefined) return [first, ...others]
  } catch (cause) {
    throw invalid('it is damaged', cause)
  }
  throw invalid(text.trim() === '' ? 'the file is empty' : 'there is none in it')
}

function parseKey({ path, option }: PemFile, text: string): KeyObject {
  const invalid = (problem: string): Error =>
    errors.GW_TLS_KEY_INVALID({ path, problem }, { option })
  if (text.trim() === '') throw invalid('the file is empty')
  if (!/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text)) throw invalid('there is none in it')
  if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text)) throw invalid('it is encrypted')
  try {
    return createPrivateKey(text)
  } catch (error) {
    // The reason is a number of OpenSSL; the text of the file is not in it.
    throw invalid(`it is damaged (${problemOf(error)})`)
  }
}
