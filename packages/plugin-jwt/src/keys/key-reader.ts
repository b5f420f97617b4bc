/**
 * Keys out of what users and key servers write.
 *
 * @module
 */
import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { ConfigPath } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import { VerificationKey } from './verification-key.ts'

/** Whether a key set may hold secrets: one that is served to everybody may not. */
export type SecretPolicy = 'secrets allowed' | 'public keys only'

/**
 * Text as an HMAC secret. Throws GW_JWT_UNUSABLE_KEY for a PEM: whoever puts a public key here
 * makes it a secret that everybody knows.
 */
export function readSecret(text: string, option: ConfigPath = []): VerificationKey {
  if (text.includes('-----BEGIN')) {
    throw unusable(option, 'expected a secret, found a PEM; use "public_keys"')
  }
  return new VerificationKey(createSecretKey(text, 'utf8'))
}

/** A public key or an X.509 certificate in PEM. Throws GW_JWT_UNUSABLE_KEY. */
export function readPem(text: string, option: ConfigPath = []): VerificationKey {
  if (text.includes('PRIVATE KEY-----')) {
    throw unusable(option, 'expected a public key, found a private one')
  }
  const key = new VerificationKey(readPublicKey(text, option))
  if (key.algorithms.length > 0) return key
  throw unusable(option, 'expected RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519')
}

/**
 * The usable keys of a JSON Web Key Set (RFC 7517 section 5); others are skipped, as it says.
 * Throws GW_JWT_UNUSABLE_KEY if there are none.
 */
export function readKeySet(text: string, policy: SecretPolicy): VerificationKey[] {
  const entries = entriesOf(text)
  const keys = entries.flatMap((entry) => tryJwk(entry, policy) ?? [])
  if (keys.length === 0) throw unusable([], `none of its ${entries.length} keys can be used`)
  return keys
}

function readPublicKey(text: string, option: ConfigPath): KeyObject {
  try {
    return createPublicKey(text)
  } catch (error) {
    throw unusable(option, 'expected a public key or a certificate in PEM', error)
  }
}

function entriesOf(text: string): readonly unknown[] {
  let set: unknown
  try {
    set = JSON.parse(text)
  } catch (error) {
    // Without a cause, since its message quotes the text, and that may hold secrets.
    throw unusable([], `expected JSON${placeIn(error)}`)
  }
  const keys: unknown = isRecord(set) ? set['keys'] : undefined
  if (!Array.isArray(keys)) throw unusable([], 'expected an object with a list "keys"')
  return keys
}

/** Where JSON ends to be such, if the error tells. */
function placeIn(error: unknown): string {
  const { line, column } =
    /\(line (?<line>\d+) column (?<column>\d+)\)$/.exec(String(error))?.groups ?? {}
  return line === undefined ? '' : `, and it is none from line ${line}, column ${column} on`
}

function tryJwk(entry: unknown, policy: SecretPolicy): VerificationKey | undefined {
  if (!isRecord(entry) || !isForVerifying(entry)) return undefined
  const key = entry['kty'] === 'oct' ? trySecret(entry, policy) : tryPublic(entry)
  if (key === undefined) return undefined
  const usable = new VerificationKey(key, textOf(entry['kid']), textOf(entry['alg']))
  return usable.algorithms.length > 0 ? usable : undefined
}

/** RFC 7517 sections 4.2 and 4.3. */
function isForVerifying({ use, key_ops: operations }: Record<string, unknown>): boolean {
  if (use !== undefined && use !== 'sig') return false
  return !Array.isArray(operations) || operations.includes('verify')
}

function trySecret({ k }: Record<string, unknown>, policy: SecretPolicy): KeyObject | undefined {
  if (policy === 'public keys only' || typeof k !== 'string' || k === '') return undefined
  return createSecretKey(k, 'base64url')
}

function tryPublic(entry: Record<string, unknown>): KeyObject | undefined {
  // Without its private members a private key becomes a public one.
  const { kty, crv, x, y, n, e } = entry
  try {
    // createPublicKey checks the members and throws.
    return createPublicKey({ key: { kty, crv, x, y, n, e } as JsonWebKey, format: 'jwk' })
  } catch {
    // Of a kind that Node does not know; the others of the set may do.
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function unusable(option: ConfigPath, problem: string, cause?: unknown): Error {
  return errors.GW_JWT_UNUSABLE_KEY({ problem }, { cause, option })
}
