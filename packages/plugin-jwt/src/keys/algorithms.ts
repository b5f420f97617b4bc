/**
 * Which signature algorithms (RFC 7518 section 3, RFC 8037, RFC 9864) a key is good for.
 *
 * A key belongs to one family by what it is, never by what a token says. A token that names another
 * algorithm finds no key: this is what stops a public RSA key from being used as an HMAC secret
 * (RFC 8725 section 2.1). `none` is no algorithm here.
 *
 * @module
 */
import type { KeyObject } from 'node:crypto'

/** Names as in the `alg` member of a token. */
export const algorithmNames = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

/** An algorithm of signatures that is understood, such as `ES256`. */
export type Algorithm = (typeof algorithmNames)[number]

type Import = Parameters<KeyObject['toCryptoKey']>[0]

const imports: Readonly<Record<Algorithm, Import>> = {
  HS256: { name: 'HMAC', hash: 'SHA-256' },
  HS384: { name: 'HMAC', hash: 'SHA-384' },
  HS512: { name: 'HMAC', hash: 'SHA-512' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  RS384: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' },
  RS512: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  PS384: { name: 'RSA-PSS', hash: 'SHA-384' },
  PS512: { name: 'RSA-PSS', hash: 'SHA-512' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  ES384: { name: 'ECDSA', namedCurve: 'P-384' },
  ES512: { name: 'ECDSA', namedCurve: 'P-521' },
  EdDSA: { name: 'Ed25519' },
  Ed25519: { name: 'Ed25519' },
}

const curves: Readonly<Record<string, Algorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}

/** The smallest RSA key that RFC 7518 section 3.3 allows, in bits. */
const minModulusBits = 2048

/** What WebCrypto needs to know to use a key with this algorithm. */
export function importOf(algorithm: Algorithm): Import {
  return imports[algorithm]
}

/** True for an algorithm that this middleware can verify. */
export function isAlgorithm(name: unknown): name is Algorithm {
  return typeof name === 'string' && Object.hasOwn(imports, name)
}

/** The algorithms that a key can be used with; none if it is too weak or of another kind. */
export function algorithmsOf(key: KeyObject): readonly Algorithm[] {
  if (key.type === 'secret') return ['HS256', 'HS384', 'HS512']
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'rsa') {
    if ((details?.modulusLength ?? 0) < minModulusBits) return []
    return ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
  }
  if (type === 'ed25519') return ['EdDSA', 'Ed25519']
  const ofCurve = type === 'ec' ? curves[details?.namedCurve ?? ''] : undefined
  return ofCurve === undefined ? [] : [ofCurve]
}

/** Bytes that an HMAC secret needs, so that it is no easier to guess than the signature. */
export const secretBytes: Readonly<Partial<Record<Algorithm, number>>> = {
  HS256: 32,
  HS384: 48,
  HS512: 64,
}
