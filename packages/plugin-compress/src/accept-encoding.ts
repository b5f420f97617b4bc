import type { Coding } from './options.ts'

/** Clients send few different values; somebody who makes them up must not fill the memory. */
const maxRemembered = 256

/** Chooses a coding by what a client accepts (RFC 9110 section 12.5.3). */
export class AcceptEncoding {
  readonly #codings: readonly Coding[]
  readonly #remembered = new Map<string, Coding | undefined>()

  /** @param codings The first one of equal preference is chosen. */
  constructor(codings: readonly Coding[]) {
    this.#codings = codings
  }

  /** `undefined` if the body is to stay as it is. */
  choose(accepted: string): Coding | undefined {
    if (this.#remembered.has(accepted)) return this.#remembered.get(accepted)
    const chosen = this.#best(qualities(accepted))
    if (this.#remembered.size < maxRemembered) this.#remembered.set(accepted, chosen)
    return chosen
  }

  #best(accepted: ReadonlyMap<string, number>): Coding | undefined {
    const others = accepted.get('*') ?? 0
    let best: Coding | undefined
    let quality = 0
    for (const coding of this.#codings) {
      const own = accepted.get(coding) ?? others
      if (own > quality) {
        best = coding
        quality = own
      }
    }
    // What is not compressed has to be asked for to be preferred.
    return (accepted.get('identity') ?? 0) > quality ? undefined : best
  }
}

/** The highest quality of each name. One that is not valid is 0. */
function qualities(text: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const element of text.toLowerCase().split(',')) {
    const [name = '', ...parameters] = element.split(';').map((part) => part.trim())
    if (name === '') continue
    const coding = name === 'x-gzip' ? 'gzip' : name
    found.set(coding, Math.max(found.get(coding) ?? 0, qualityIn(parameters)))
  }
  return found
}

function qualityIn(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))
  if (weight === undefined) return 1
  const value = weight.slice(weight.indexOf('=') + 1).trim()
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(value) ? Number(value) : 0
}
