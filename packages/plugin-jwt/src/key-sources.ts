import { hash } from 'node:crypto'
import type { ConfigPath, Scope } from '@gatewright/kernel'
import { openWatchedFile } from '@gatewright/watched-file'
import { errors } from './errors.ts'
import { secretBytes } from './keys/algorithms.ts'
import { JwksUrl } from './keys/jwks-url.ts'
import { readKeySet, readPem, readSecret } from './keys/key-reader.ts'
import { fixedKeys, KeyRing, type KeySource } from './keys/key-ring.ts'
import type { VerificationKey } from './keys/verification-key.ts'
import type { JwtOptions } from './options.ts'

/**
 * The keys that the options name. Rejects with GW_JWT_NO_KEYS, GW_JWT_UNUSABLE_KEY,
 * GW_JWT_UNUSED_ALGORITHMS or what a file that cannot be read is rejected with.
 */
export async function openKeys(options: JwtOptions, scope: Scope): Promise<KeyRing> {
  const { jwks_file: setPath, public_key_files: paths } = options
  const files = paths.map((path, i) =>
    openFile(scope, path, ['public_key_files', i], (text) => [readPem(text)]),
  )
  if (setPath !== undefined) files.push(openFile(scope, setPath, ['jwks_file'], parseSet))
  const sources = [...staticKeys(options, scope), ...(await Promise.all(files))]
  checkAlgorithms(options, sources)
  if (options.jwks_url !== undefined) sources.push(openUrl(options.jwks_url, options, scope))
  if (sources.length === 0) throw errors.GW_JWT_NO_KEYS()
  return new KeyRing(sources)
}

function staticKeys(options: JwtOptions, scope: Scope): KeySource[] {
  const { value, secrets, public_keys: pems } = options
  const keys = secrets.map((text, i) => readSecret(text, ['secrets', i]))
  if (value !== undefined) keys.unshift(readSecret(value, ['value']))
  for (const key of keys) warnOfShortSecret(key, options, scope)
  keys.push(...pems.map((text, i) => readPem(text, ['public_keys', i])))
  return keys.length === 0 ? [] : [fixedKeys('configuration', keys)]
}

/** Refusing it would stop configurations that were written for other gateways. */
function warnOfShortSecret(
  { secretBytes: bytes = 0 }: VerificationKey,
  { algorithms = ['HS256'] }: JwtOptions,
  { log }: Scope,
): void {
  const expected = Math.max(...algorithms.map((algorithm) => secretBytes[algorithm] ?? 0))
  if (bytes < expected) log.warn({ bytes, expected }, 'secret is short enough to be guessed')
}

function parseSet(text: string): VerificationKey[] {
  return readKeySet(text, 'secrets allowed')
}

async function openFile(
  scope: Scope,
  path: string,
  option: ConfigPath,
  parse: (text: string) => readonly VerificationKey[],
): Promise<KeySource> {
  let version = 0
  const onChange = (): void => void version++
  const file = await openWatchedFile(scope, { path, option, parse, onChange })
  return {
    name: path,
    get keys() {
      return file.value
    },
    get version() {
      return version
    },
  }
}

/** The same key set for all middlewares that treat it alike, over reloads. */
function openUrl(url: string, options: JwtOptions, scope: Scope): KeySource {
  const { jwks_refresh: refreshMs, jwks_timeout: timeoutMs, jwks_cooldown: cooldownMs } = options
  // Keys of resources may be logged, passwords not.
  const digest = hash('sha256', url, 'base64url')
  const key = `jwt:jwks:${refreshMs}:${timeoutMs}:${cooldownMs}:${digest}`
  const settings = { url, refreshMs, timeoutMs, cooldownMs, log: scope.log }
  const keySet = scope.keep(key, () => new JwksUrl(settings))
  scope.onActivate(() => keySet.start())
  return keySet
}

/** What a key server will have, nobody knows before. */
function checkAlgorithms({ algorithms, jwks_url: url }: JwtOptions, sources: KeySource[]): void {
  if (algorithms === undefined || url !== undefined || sources.length === 0) return
  const usable = sources.some(({ keys }) =>
    keys?.some((key) => algorithms.some((name) => key.algorithms.includes(name))),
  )
  if (!usable) throw errors.GW_JWT_UNUSED_ALGORITHMS({ algorithms }, { option: ['algorithms'] })
}
