import { hash, timingSafeEqual } from 'node:crypto'

// oxlint-disable-next-line no-control-regex
const ascii = /^[\x00-\x7f]*$/

/**
 * The SHA-256 digest, in hexadecimal digits, of a secret as it stands in a configuration or in a
 * decoded body.
 */
export function digestOfText(secret: string): string {
  return hash('sha256', secret)
}

/** The same of a secret that is the value of a header field, whose characters are bytes. */
export function digestOfField(value: string): string {
  // Where both spellings are the same bytes: a buffer costs more than the digest.
  if (ascii.test(value)) return hash('sha256', value)
  return hash('sha256', Buffer.from(value, 'latin1'))
}

/** Compares digests in a time that does not depend on where they differ. */
export function sameDigest(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

/** Compares secrets in a time that depends on their lengths only. */
export function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'))
}

/** A URL without what may be secret in it, which is the user, the password and the query. */
export function urlForLogs(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
