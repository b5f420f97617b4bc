import type { ConfigPath, Scope } from '@gatewright/kernel'
import { cipherText } from './cipher-suites.ts'
import { errors } from './errors.ts'
import type { PairPlan } from './key-pair.ts'
import type { CertificateOptions, TlsOptions } from './options.ts'
import type { PemFile } from './pem-file.ts'

/** A block `tls` with its paths made absolute: what makes two of them the same. */
export interface TlsPlan {
  /** At least one; the first is the default. */
  readonly pairs: readonly PairPlan[]
  readonly authorities: readonly PemFile[]
  readonly clientMode: 'none' | 'request' | 'require'
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly ciphers: string
  readonly strict: boolean
}

/** @internal */
export type FolderScope = Pick<Scope, 'resolvePath'>

/**
 * Reads no file.
 * @param block Where the block stands, for errors.
 * Throws GW_TLS_CERTIFICATE_MISSING, GW_TLS_PAIR_INCOMPLETE, GW_TLS_AUTHORITIES_MISSING or
 * GW_TLS_CIPHER_UNKNOWN.
 */
export function planOf(
  options: TlsOptions,
  scope: FolderScope,
  block: ConfigPath = ['tls'],
): TlsPlan {
  const { mode = 'none', ca_files: caFiles = [] } = options.client_auth ?? {}
  const named = (path: string, ...option: ConfigPath): PemFile => ({
    path: scope.resolvePath(path),
    option: [...block, ...option],
  })
  const pair = (one: CertificateOptions, ...option: ConfigPath): PairPlan => ({
    cert: named(one.cert_file, ...option, 'cert_file'),
    key: named(one.key_file, ...option, 'key_file'),
    domains: one.domains,
  })
  const first = firstPair(options, block)
  const further = options.certificates.map((one, i) => pair(one, 'certificates', i))
  const pairs = [...(first === undefined ? [] : [pair(first)]), ...further]
  if (pairs.length === 0) throw errors.GW_TLS_CERTIFICATE_MISSING(undefined, { option: block })
  if (mode !== 'none' && caFiles.length === 0) {
    throw errors.GW_TLS_AUTHORITIES_MISSING({ mode }, { option: [...block, 'client_auth'] })
  }
  return {
    pairs,
    authorities: caFiles.map((path, i) => named(path, 'client_auth', 'ca_files', i)),
    clientMode: mode,
    minVersion: `TLSv${options.min_version}`,
    ciphers: cipherText(options.cipher_suites, [...block, 'cipher_suites']),
    strict: options.strict_sni,
  }
}

function firstPair(
  { cert_file, key_file }: TlsOptions,
  block: ConfigPath,
): CertificateOptions | undefined {
  if (cert_file !== undefined && key_file !== undefined) return { cert_file, key_file }
  if (cert_file === undefined && key_file === undefined) return undefined
  const [found, missing] =
    key_file === undefined ? ['cert_file', 'key_file'] : ['key_file', 'cert_file']
  // Both are in the list above.
  const names = { found: found ?? '', missing: missing ?? '' }
  throw errors.GW_TLS_PAIR_INCOMPLETE(names, { option: [...block, names.found] })
}
