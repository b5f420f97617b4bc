import { type ConfigPath, checkField, type HeaderList } from '@gatewright/kernel'
import { errors } from './errors.ts'

/** Of a name with more dashes than this, only the spelling with all of them replaced is known. */
const mostDashes = 4

/** Set to something about the client, or removed, they would make another message of it. */
const ofMessage = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const printable = /^[\x20-\x7e]*$/

/**
 * Header fields in which the upstream is told who the client is, and which it therefore believes.
 * What a client sends under these names must be removed before, whatever the outcome is.
 */
export class IdentityFields {
  readonly #spellings: readonly string[]

  /**
   * Throws GW_INVALID_HEADER if one can be no field name, and GW_IDENTITY_FIELD for one that is part
   * of how the message is sent.
   * @param names In any letter case.
   * @param option Where they stand in the block.
   */
  constructor(names: readonly string[], option: ConfigPath = []) {
    const lowerCase = names.map((name) => name.toLowerCase())
    for (const name of lowerCase) {
      checkField(name, '')
      if (ofMessage.has(name)) throw errors.GW_IDENTITY_FIELD({ name }, { option })
    }
    this.#spellings = [...new Set(lowerCase.flatMap(spellingsOf))]
  }

  /**
   * Removes the fields, also where dashes are written as underscores: to an application behind CGI,
   * WSGI or PHP, `x_consumer_name` and `x-consumer-name` are one (RFC 3875 section 4.1.18).
   */
  clear(headers: HeaderList): void {
    for (const name of this.#spellings) headers.delete(name)
  }
}

/**
 * Tells the upstream something about the client. Text that is not ASCII goes as UTF-8. Returns
 * false, and sets nothing, if the text has control characters and can be no field value.
 */
export function setIdentityField(headers: HeaderList, name: string, text: string): boolean {
  // Nearly all names: the same in UTF-8.
  if (printable.test(text)) {
    headers.set(name, text)
    return true
  }
  // oxlint-disable-next-line no-control-regex
  if (/[\x00-\x1f\x7f]/.test(text)) return false
  headers.set(name, Buffer.from(text).toString('latin1'))
  return true
}

/**
 * The names, in lower case, under which an application behind CGI, WSGI or PHP takes a field for
 * the one of this name: those with underscores in place of dashes, and the other way round.
 */
export function otherSpellings(name: string): string[] {
  const lowerCase = name.toLowerCase()
  return spellingsOf(lowerCase).filter((spelling) => spelling !== lowerCase)
}

function spellingsOf(name: string): string[] {
  const words = name.split(/[-_]/)
  if (words.length > mostDashes + 1) return [name, name.replaceAll('-', '_')]
  return words
    .slice(1)
    .reduce<string[]>(
      (beginnings, word) => beginnings.flatMap((text) => [`${text}-${word}`, `${text}_${word}`]),
      words.slice(0, 1),
    )
}
