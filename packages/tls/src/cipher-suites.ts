import { getCiphers } from 'node:tls'
import { nearest } from '@gatewright/kernel'
import { errors } from './errors.ts'

/** Authenticated encryption with keys that nobody can find later (RFC 9325 section 4.2). */
const defaults = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
]

/**
 * What OpenSSL gets to read.
 * @param names Default: what RFC 9325 recommends.
 * @param option Where the names stand.
 * Throws GW_TLS_CIPHER_UNKNOWN.
 */
export function cipherText(
  names: readonly string[] = defaults,
  option: readonly (string | number)[] = ['cipher_suites'],
): string {
  // Node knows them in lower case, OpenSSL in upper case.
  const known = getCiphers().map((name) => name.toUpperCase())
  for (const [index, name] of names.entries()) {
    if (known.includes(name.toUpperCase())) continue
    const suggestion = nearest(name.toUpperCase(), known) ?? defaults[0] ?? ''
    const params = { name, nearest: suggestion }
    throw errors.GW_TLS_CIPHER_UNKNOWN(params, { option: [...option, index] })
  }
  return names.join(':').toUpperCase()
}
