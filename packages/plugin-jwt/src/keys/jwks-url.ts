import { urlForLogs } from '@gatewright/identity'
import { problemOf, type Scope } from '@gatewright/kernel'
import { Agent, request } from 'undici'
import { errors } from '../errors.ts'
import { readKeySet } from './key-reader.ts'
import type { KeySource } from './key-ring.ts'
import type { VerificationKey } from './verification-key.ts'

/** More is no key set. */
const maxBytes = 1_048_576

/** How soon a fetch may follow a failed one while there are no keys at all, in milliseconds. */
const eagerMs = 1000

/** Where a key set is fetched and how often. */
export interface JwksSettings {
  readonly url: string
  readonly refreshMs: number
  readonly timeoutMs: number
  readonly cooldownMs: number
  readonly log: Pick<Scope['log'], 'info' | 'warn'>
}

/**
 * The key set behind a URL. Fetched again every so often, and when a token names a key that is not
 * in it; of these fetches there is one at a time and one per cool-down. The last good set stays
 * whatever happens.
 */
export class JwksUrl implements KeySource, AsyncDisposable {
  readonly #settings: JwksSettings
  readonly #agent: Agent
  readonly #headers: Readonly<Record<string, string>>
  readonly #closing = new AbortController()
  #timer: NodeJS.Timeout | undefined = undefined
  #keys: readonly VerificationKey[] | undefined = undefined
  #text = ''
  #version = 0
  #fetching: Promise<void> | undefined = undefined
  #notBefore = Number.NEGATIVE_INFINITY

  /** Throws GW_JWT_BAD_URL. */
  constructor(settings: JwksSettings) {
    this.#settings = settings
    this.#headers = headersFor(settings.url)
    this.#agent = new Agent({ connections: 1, pipelining: 0 })
  }

  get name(): string {
    return urlForLogs(this.#settings.url)
  }

  get keys(): readonly VerificationKey[] | undefined {
    return this.#keys
  }

  get version(): number {
    return this.#version
  }

  /** Fetches the set now and from now on; further calls do nothing. */
  start(): void {
    if (this.#timer !== undefined || this.#closing.signal.aborted) return
    this.#timer = setInterval(() => void this.#fetchOnce(), this.#settings.refreshMs)
    this.#timer.unref()
    void this.#fetchOnce()
  }

  /** Fetches the set unless that was done lately. Resolves when it is there or will not be. */
  async refresh(): Promise<void> {
    if (this.#fetching === undefined && performance.now() < this.#notBefore) return
    await this.#fetchOnce()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#closing.abort()
    await this.#agent.destroy()
  }

  #fetchOnce(): Promise<void> {
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined
      const { cooldownMs } = this.#settings
      const pauseMs = this.#keys === undefined ? Math.min(eagerMs, cooldownMs) : cooldownMs
      this.#notBefore = performance.now() + pauseMs
    })
    return this.#fetching
  }

  /** Never rejects. */
  async #fetch(): Promise<void> {
    const { log } = this.#settings
    const url = urlForLogs(this.#settings.url)
    try {
      const text = await this.#read()
      if (text === this.#text) return
      const keys = readKeySet(text, 'public keys only')
      this.#keys = keys
      this.#text = text
      this.#version++
      log.info({ url, keys: keys.length }, 'key set was loaded')
    } catch (error) {
      if (this.#closing.signal.aborted) return
      const kept = this.#keys?.length ?? 0
      log.warn({ url, kept, problem: problemOf(error) }, 'key set could not be loaded')
    }
  }

  /** Redirects are not followed: they could lead to anybody's keys. */
  async #read(): Promise<string> {
    const { url, timeoutMs } = this.#settings
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)])
    const { statusCode, body } = await request(url, {
      dispatcher: this.#agent,
      signal,
      // The next one is minutes away.
      reset: true,
      headers: this.#headers,
    })
    // A body that is given up says so with an error, which would end the process.
    body.on('error', () => undefined)
    if (statusCode !== 200) {
      body.destroy()
      throw errors.GW_JWT_JWKS_FETCH({
        url: urlForLogs(url),
        problem: `expected status 200, found ${statusCode}`,
      })
    }
    const pieces: Buffer[] = []
    let size = 0
    for await (const piece of body) {
      // A body without encoding yields buffers.
      const bytes = piece as Buffer
      size += bytes.length
      if (size > maxBytes) {
        throw errors.GW_JWT_JWKS_FETCH({
          url: urlForLogs(url),
          problem: `it has more than ${maxBytes} bytes`,
        })
      }
      pieces.push(bytes)
    }
    return Buffer.concat(pieces).toString('utf8')
  }
}

/** User and password of the URL go into a field of their own (RFC 7617). */
function headersFor(url: string): Readonly<Record<string, string>> {
  const accept = 'application/jwk-set+json, application/json'
  const parsed = URL.parse(url)
  if (parsed === null) throw badUrl('a URL with a host, and with a port up to 65535 if any')
  const { username, password } = parsed
  if (username === '' && password === '') return { accept }
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return { accept, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
  } catch {
    throw badUrl('a URL whose user and password are percent-encoded, "%" itself as "%25"')
  }
}

function badUrl(expected: string): Error {
  return errors.GW_JWT_BAD_URL({ expected }, { option: ['jwks_url'] })
}
