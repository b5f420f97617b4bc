import { digestOfText } from '@gatewright/identity'

/** How a password is stored. */
export type StoredHash =
  /** One round of a hash: compared at once. */
  | { readonly kind: 'sha1' | 'sha256'; readonly text: string; readonly digest: Buffer }
  /** Made to be slow: not to be verified where requests are served. */
  | { readonly kind: 'slow'; readonly text: string }

const bcrypt = /^\$2[aby]\$(?<cost>\d\d)\$[./A-Za-z0-9]{53}$/
const apr1 = /^\$apr1\$[./A-Za-z0-9]{0,8}\$[./A-Za-z0-9]{22}$/
const sha1 = /^\{SHA\}(?<digest>[A-Za-z0-9+/]{27}=)$/
/** The parts of a PHC string, as the reference implementation of Argon2 writes it. */
export const argon2id: RegExp =
  /^\$argon2id\$v=19\$m=(?<memory>\d{1,8}),t=(?<passes>\d{1,3}),p=(?<lanes>\d{1,3})\$(?<salt>[A-Za-z0-9+/]{11,64})\$(?<tag>[A-Za-z0-9+/]{16,128})$/

const mostBcryptCost = 15
const mostArgonMemory = 1024 * 1024
const mostArgonPasses = 32

/**
 * Understands what follows the name in an `htpasswd` file. Throws an `Error` that says what is
 * wrong and does not quote the text.
 */
export function storedHashOf(text: string): StoredHash {
  const digest = sha1.exec(text)?.groups?.['digest']
  if (digest !== undefined) return { kind: 'sha1', text, digest: Buffer.from(digest, 'base64') }
  if (text.startsWith('{PLAIN}')) return plainHash(text.slice('{PLAIN}'.length))
  checkCost(text)
  return { kind: 'slow', text }
}

/** A password that is known in clear text. */
export function plainHash(password: string): StoredHash {
  const digest = digestOfText(password)
  return { kind: 'sha256', text: digest, digest: Buffer.from(digest, 'hex') }
}

/** A single login must not keep the verifier busy for minutes. */
function checkCost(text: string): void {
  if (apr1.test(text)) return
  const cost = bcrypt.exec(text)?.groups?.['cost']
  if (cost !== undefined) return checkBcrypt(Number(cost))
  const { memory, passes, lanes } = argon2id.exec(text)?.groups ?? {}
  if (memory === undefined) {
    throw new Error('not a hash of bcrypt, apr1, {SHA} or argon2id, and not {PLAIN}')
  }
  checkArgon(Number(memory), Number(passes), Number(lanes))
}

function checkBcrypt(cost: number): void {
  if (cost >= 4 && cost <= mostBcryptCost) return
  throw new Error(`the cost of bcrypt must be 4 to ${mostBcryptCost}`)
}

function checkArgon(memory: number, passes: number, lanes: number): void {
  // RFC 9106 section 3.1: 8 KiB for each lane at least.
  const fits = lanes >= 1 && memory >= 8 * lanes && memory <= mostArgonMemory
  if (fits && passes >= 1 && passes <= mostArgonPasses) return
  throw new Error(
    `argon2id needs m from 8 times p to ${mostArgonMemory}, t from 1 to ${mostArgonPasses}`,
  )
}
