import { hash, timingSafeEqual } from 'node:crypto'

/** The SHA-256 digest of a secret as it stands in a configuration or in a decoded body. */
export function digestOfText(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}

/** The same of a secret that is the value of a header field, whose characters are bytes. */
export function digestOfField(value: string): Buffer {
  return hash('sha256', Buffer.from(value, 'latin1'), 'buffer')
}

/** Compares digests in a time that does not depend on where they differ. */
export function sameDigest(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

/** Compares secrets in a time that depends on their lengths only. */
export function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digestOfText(one), digestOfText(other))
}

/** A URL without what may be secret in it, which is the user, the password and the query. */
export function urlForLogs(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
