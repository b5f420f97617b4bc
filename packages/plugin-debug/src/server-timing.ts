/** A part of the time of a request. */
export interface Entry {
  readonly name: string
  readonly ms: number
  /** In words. */
  readonly text?: string
}

/** Of the whole value: clients take heads of 8 KiB and more. */
const maxLength = 4096
/** Room for the entry that tells of those that had none. */
const spareLength = 64
const maxNameLength = 64
const maxTextLength = 128

/**
 * The value of a `Server-Timing` field (https://www.w3.org/TR/server-timing/). What does not fit is
 * told of as one entry, `more`.
 */
export function serverTiming(entries: readonly Entry[]): string {
  let value = ''
  for (const [index, entry] of entries.entries()) {
    const text = entryText(entry)
    if (value.length + text.length + 2 > maxLength - spareLength) {
      return `${value}, ${entryText(summaryOf(entries.slice(index)))}`
    }
    value = value === '' ? text : `${value}, ${text}`
  }
  return value
}

function summaryOf(rest: readonly Entry[]): Entry {
  const ms = rest.reduce((sum, entry) => sum + entry.ms, 0)
  return { name: 'more', ms, text: `${rest.length} that had no room` }
}

function entryText({ name, ms, text }: Entry): string {
  const timed = `${token(name)};dur=${Number(ms.toFixed(3))}`
  return text === undefined ? timed : `${timed};desc="${quoted(text)}"`
}

/** What may not stand in a token (RFC 9110 section 5.6.2) as its bytes, like in a URL. */
function token(name: string): string {
  return name.slice(0, maxNameLength).replaceAll(/[^!#$&'*+\-.^_`|~\w]/gu, percentEncoded)
}

/** The inside of a quoted string (RFC 9110 section 5.6.4), in ASCII. */
function quoted(text: string): string {
  return text
    .slice(0, maxTextLength)
    .replaceAll(/[\\"]/g, String.raw`\$&`)
    .replaceAll(/[^ -~]/gu, percentEncoded)
}

function percentEncoded(character: string): string {
  return [...Buffer.from(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
}
