/** What a client sends. */
export interface Login {
  readonly name: string
  readonly password: string
}

const basic = /^basic +(?<credentials>\S*)$/i
/** Work on a password grows with its length. */
const longest = 2048

/**
 * The name and the password in a value of `Authorization` (RFC 7617): `undefined` if there are none
 * of this kind, `null` if they are malformed.
 */
export function loginIn(value: string): Login | undefined | null {
  const encoded = basic.exec(value)?.groups?.['credentials']
  if (encoded === undefined) return /^basic(?: |$)/i.test(value) ? null : undefined
  const text = decoded(encoded)
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon < 0) return null
  return { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** `undefined` for all but base64 of UTF-8 without control characters, in its one spelling. */
function decoded(encoded: string): string | undefined {
  if (encoded.length > longest) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) return undefined
  const text = bytes.toString()
  if (!Buffer.from(text).equals(bytes)) return undefined
  // oxlint-disable-next-line no-control-regex
  return /[\x00-\x1f\x7f]/.test(text) ? undefined : text
}
