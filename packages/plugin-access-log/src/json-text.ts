/** What may not stand between quotes as it is, and what a decoder might take for something else. */
// oxlint-disable-next-line no-control-regex -- these are what must not stand in a line.
const special = /["\\\u0000-\u001f\u007f-\uffff]/
/** What JSON lets stand as it is, though terminals obey it (U+009B), or it ends a line for some. */
const obeyed = /[\u007f-\u009f\u2028\u2029]/g
const maxKnown = 10_000

/** A string as JSON. */
export function quoted(text: string): string {
  return special.test(text) ? json(text) : `"${text}"`
}

/** Something as JSON, in which no control characters stand as they are. */
export function json(value: unknown): string {
  // Plugins that no compiler has seen may note what JSON does not know.
  const text: string | undefined = JSON.stringify(value)
  return text === undefined ? 'null' : text.replaceAll(obeyed, (character) => codeOf(character))
}

function codeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

const thousandths = Array.from({ length: 1000 }, (_, i) => `.${String(i).padStart(3, '0')}`)

/** Milliseconds with three decimals. */
export function milliseconds(value: number): string {
  const micros = Math.max(0, Math.round(value * 1000))
  const rest = micros % 1000
  const whole = (micros - rest) / 1000
  return rest === 0 ? String(whole) : `${whole}${thousandths[rest] ?? ''}`
}

/** Strings that come again and again, such as names of the configuration. */
export class KnownTexts {
  readonly #known = new Map<string, string>()

  quoted(text: string): string {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    // Configurations come and go.
    if (this.#known.size >= maxKnown) this.#known.clear()
    const made = quoted(text)
    this.#known.set(text, made)
    return made
  }
}

const { timeOrigin } = performance

/** Points in time as UTC, of which most are in the same second as the one before. */
export class Timestamps {
  #second = Number.NaN
  /** Up to the decimals. */
  #text = ''

  /** @param at `performance.now()` */
  quoted(at: number): string {
    const ms = Math.trunc(timeOrigin + at)
    const rest = ms % 1000
    if (ms - rest !== this.#second) {
      this.#second = ms - rest
      this.#text = `"${new Date(ms).toISOString().slice(0, 19)}`
    }
    return `${this.#text}${thousandths[rest] ?? ''}Z"`
  }
}
