import { Objection } from './objection.ts'
import type { JwtOptions } from './options.ts'

/** The claims of a token (RFC 7519 section 4). */
export type Claims = Readonly<Record<string, unknown>>

type Rules = Pick<
  JwtOptions,
  'issuers' | 'audiences' | 'scopes' | 'required_claims' | 'claims' | 'leeway'
>

/** What the claims of a token must be. Knows nothing of signatures. */
export class ClaimRules {
  readonly #issuers: ReadonlySet<string>
  readonly #audiences: ReadonlySet<string>
  readonly #scopes: readonly string[]
  readonly #required: readonly string[]
  readonly #equal: readonly (readonly [path: string, value: string])[]
  readonly #leewaySecs: number

  constructor(rules: Rules) {
    this.#issuers = new Set(rules.issuers)
    this.#audiences = new Set(rules.audiences)
    this.#scopes = rules.scopes
    this.#required = rules.required_claims
    this.#equal = Object.entries(rules.claims)
    this.#leewaySecs = rules.leeway / 1000
  }

  /** @param nowSecs Seconds since 1970. */
  objectionTo(claims: Claims, nowSecs: number): Objection | undefined {
    return this.#presence(claims) ?? this.#time(claims, nowSecs) ?? this.#purpose(claims)
  }

  /** When the token ends, in seconds since 1970; infinite if it does not. */
  endOf({ exp }: Claims): number {
    return typeof exp === 'number' ? exp + this.#leewaySecs : Number.POSITIVE_INFINITY
  }

  #presence(claims: Claims): Objection | undefined {
    const missing = this.#required.some((path) => {
      const value = claimAt(claims, path)
      return value === undefined || value === null
    })
    return missing ? new Objection('claim') : undefined
  }

  #time(claims: Claims, nowSecs: number): Objection | undefined {
    const { exp, nbf, iat } = claims
    if (![exp, nbf, iat].every(isDate)) return new Objection('malformed')
    // RFC 7519 section 4.1.4: not accepted on or after that time.
    if (nowSecs >= this.endOf(claims)) return new Objection('expired')
    const latest = nowSecs + this.#leewaySecs
    if (typeof nbf === 'number' && nbf > latest) return new Objection('not yet valid')
    if (typeof iat === 'number' && iat > latest) return new Objection('issued in the future')
    return undefined
  }

  #purpose(claims: Claims): Objection | undefined {
    const { iss, aud } = claims
    if (this.#issuers.size > 0 && !(typeof iss === 'string' && this.#issuers.has(iss))) {
      return new Objection('issuer')
    }
    if (this.#audiences.size > 0 && !listOf(aud).some((one) => this.#audiences.has(one))) {
      return new Objection('audience', 'forbidden')
    }
    const granted = scopesIn(claims)
    if (!this.#scopes.every((scope) => granted.includes(scope))) {
      return new Objection('scope', 'forbidden')
    }
    const fits = this.#equal.every(([path, value]) => listOf(claimAt(claims, path)).includes(value))
    return fits ? undefined : new Objection('claim', 'forbidden')
  }
}

/**
 * A claim by name; if there is none, `a.b` is member `b` of claim `a`. Names with dots, such as
 * URLs, therefore work as well.
 */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  let value: unknown = claims
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    // It is an object that has the member.
    value = (value as Claims)[step]
  }
  return value
}

/** A claim as text; `undefined` if it is an object or a list with one. */
export function claimText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (!Array.isArray(value)) return undefined
  const texts = value.map((item) => (Array.isArray(item) ? undefined : claimText(item)))
  return texts.includes(undefined) ? undefined : texts.join(',')
}

/**
 * True for a list whose text would be that of another one: joined by commas, `["a,admin"]` and
 * `["a", "admin"]` are the same.
 */
export function isAmbiguousList(value: unknown): boolean {
  return (
    Array.isArray(value) && value.some((item) => typeof item === 'string' && item.includes(','))
  )
}

/**
 * The scopes of a token, with blanks between them (RFC 9068 section 2.2.3) or in a list; some call
 * the claim `scp`.
 */
function scopesIn(claims: Claims): string[] {
  return [...listOf(claims['scope']), ...listOf(claims['scp'])].flatMap((text) => text.split(' '))
}

function isDate(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && Number.isFinite(value))
}

/** A single value counts as a list of one, as in `aud`. */
function listOf(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [value]
  return items.flatMap((item) => (typeof item === 'object' ? [] : (claimText(item) ?? [])))
}
