import { decodeProtectedHeader } from 'jose'
import type { ClaimRules, Claims } from './claim-rules.ts'
import { errors } from './errors.ts'
import { type Algorithm, isAlgorithm } from './keys/algorithms.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { VerificationKey } from './keys/verification-key.ts'
import { Objection } from './objection.ts'
import type { AcceptedToken } from './token-cache.ts'

/** What a token's header may say; without a list whatever the keys are good for, and any type. */
export interface HeaderRules {
  readonly algorithms?: readonly Algorithm[] | undefined
  readonly types?: readonly string[]
}

/** What a token says about its signature. */
interface SignatureHeader {
  readonly algorithm: Algorithm
  readonly keyId: string | undefined
  /** As {@link mediaTypeOf} writes it; empty if it says none. */
  readonly type: string
}

/** Decides about tokens: signature first, claims after that. */
export class Verifier {
  readonly #ring: KeyRing
  readonly #rules: ClaimRules
  readonly #algorithms: ReadonlySet<Algorithm> | undefined
  readonly #types: ReadonlySet<string>

  constructor(ring: KeyRing, rules: ClaimRules, { algorithms, types = [] }: HeaderRules = {}) {
    this.#ring = ring
    this.#rules = rules
    this.#algorithms = algorithms === undefined ? undefined : new Set(algorithms)
    this.#types = new Set(types.map(mediaTypeOf))
  }

  /**
   * The claims of a good token. Rejects with an {@link Objection} or with GW_JWT_KEYS_UNAVAILABLE.
   * @param nowSecs Seconds since 1970.
   */
  async verify(token: string, nowSecs: number): Promise<AcceptedToken> {
    const claims = claimsIn(await this.verifySignature(token))
    const objection = this.#rules.objectionTo(claims, nowSecs)
    if (objection !== undefined) throw objection
    return { claims, endsAt: this.#rules.endOf(claims) }
  }

  /** The payload of a token whose signature is right, whatever it says. Rejects as above. */
  async verifySignature(token: string): Promise<Uint8Array> {
    const header = headerOf(token)
    if (this.#types.size > 0 && !this.#types.has(header.type)) throw new Objection('type')
    if (this.#algorithms?.has(header.algorithm) === false) throw new Objection('algorithm')
    const candidates = await this.#keysFor(header)
    for (const key of candidates) {
      // One after the other: the first is nearly always the right one.
      const payload = await key.verify(token, header.algorithm)
      if (payload !== undefined) return payload
    }
    throw new Objection(candidates.length === 0 ? 'unknown key' : 'signature')
  }

  /** An unknown key may be a new one, of which the key set that we have does not know yet. */
  async #keysFor({ algorithm, keyId }: SignatureHeader): Promise<readonly VerificationKey[]> {
    const known = this.#ring.candidates(algorithm, keyId)
    if (known.length > 0) return known
    await this.#ring.refresh()
    const found = this.#ring.candidates(algorithm, keyId)
    const { missing } = this.#ring
    if (found.length === 0 && missing !== undefined) {
      const headers = ['retry-after', '1']
      throw errors.GW_JWT_KEYS_UNAVAILABLE({ from: missing }, { headers })
    }
    return found
  }
}

function headerOf(token: string): SignatureHeader {
  const { alg, kid, typ = '', crit, b64 } = protectedHeader(token)
  // RFC 7515 section 4.1.11: whoever does not know an extension, and we know none, must refuse.
  if (crit !== undefined) throw new Objection('extension')
  // RFC 7797 section 7: no token has a payload that is not encoded.
  if (b64 !== undefined && b64 !== true) throw new Objection('malformed')
  if (!isAlgorithm(alg)) throw new Objection('algorithm')
  if (kid !== undefined && typeof kid !== 'string') throw new Objection('malformed')
  if (typeof typ !== 'string') throw new Objection('malformed')
  return { algorithm: alg, keyId: kid, type: mediaTypeOf(typ) }
}

/** Without what may be left out, and in lower case (RFC 7515 section 4.1.9). */
function mediaTypeOf(text: string): string {
  return text.toLowerCase().replace(/^application\/(?=[^/]*$)/, '')
}

function protectedHeader(token: string): Readonly<Record<string, unknown>> {
  // RFC 7516 section 9: five parts, of which a key that is encrypted directly leaves one empty.
  if (/^[\w-]+(?:\.[\w-]*){4}$/.test(token)) throw new Objection('encrypted')
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) throw new Objection('malformed')
  try {
    return { ...decodeProtectedHeader(token) }
  } catch {
    throw new Objection('malformed')
  }
}

function claimsIn(payload: Uint8Array): Claims {
  try {
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
    // A record by the check beside it.
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) {
      return claims as Claims
    }
  } catch {
    // The same as anything else that is no object.
  }
  throw new Objection('malformed')
}
