import { hash, randomBytes } from 'node:crypto'
import { type ConfigPath, problemOf } from '@gatewright/kernel'
import { errors } from './errors.ts'
import type { BasicAuthOptions } from './options.ts'
import { plainHash, type StoredHash, storedHashOf } from './stored-hash.ts'

/** What is to be compared with the password of a name. */
export interface Entry {
  readonly hash: StoredHash
  /** False if there is no such user: then the result of the comparison does not count. */
  readonly known: boolean
}

/** Users and how their passwords are stored. */
export class UserList {
  /** Nobody outside can tell whose hash an unknown name gets. */
  readonly #salt = randomBytes(32).toString('base64url')
  readonly #users: ReadonlyMap<string, StoredHash>
  readonly #hashes: readonly StoredHash[]

  constructor(users: ReadonlyMap<string, StoredHash>) {
    this.#users = users
    this.#hashes = [...users.values()]
  }

  /**
   * For an unknown name, the hash of some user, always the same one: verifying it takes as long as
   * it does for users that exist.
   */
  find(name: string): Entry {
    const own = this.#users.get(name)
    // Made for all, so that it tells nothing.
    const stranger = this.#strangerHash(name)
    return own === undefined ? { hash: stranger, known: false } : { hash: own, known: true }
  }

  /** How the password of a user is stored; `undefined` if there is no such user. */
  hashOf(name: string): StoredHash | undefined {
    return this.#users.get(name)
  }

  #strangerHash(name: string): StoredHash {
    const place = Number.parseInt(hash('sha256', this.#salt + name).slice(0, 8), 16)
    return this.#hashes[place % this.#hashes.length] ?? plainHash(name)
  }
}

/**
 * Puts the users of a block, and those of its file, together. Throws GW_BASIC_AUTH_NO_USERS,
 * or GW_BASIC_AUTH_OPTIONS, which names places and users but no hashes.
 */
export function userListOf(options: BasicAuthOptions, file = ''): UserList {
  const users = new Map<string, StoredHash>()
  const { username, password } = options
  if ((username === undefined) !== (password === undefined)) {
    const option = [username === undefined ? 'password' : 'username']
    throw invalid('"username" and "password" go together', { option })
  }
  if (username !== undefined && password !== undefined) {
    checkName(username, { option: ['username'] })
    users.set(username, plainHash(password))
  }
  for (const [index, line] of (options.users ?? []).entries()) {
    addLine(users, line, { option: ['users', index] })
  }
  for (const [index, line] of file.split('\n').entries()) {
    const text = line.trim()
    if (text !== '' && !text.startsWith('#')) addLine(users, text, { line: index + 1 })
  }
  if (users.size === 0) throw errors.GW_BASIC_AUTH_NO_USERS()
  return new UserList(users)
}

/** Where a user stands. */
type Where = { readonly option: ConfigPath } | { readonly line: number }

function addLine(users: Map<string, StoredHash>, line: string, where: Where): void {
  const colon = line.indexOf(':')
  if (colon < 1) throw invalid('expected "name:hash"', where)
  const name = line.slice(0, colon)
  checkName(name, where)
  const stored = hashIn(line.slice(colon + 1), where)
  if (users.has(name)) throw invalid(`user "${name}" stands there twice`, where)
  users.set(name, stored)
}

function hashIn(text: string, where: Where): StoredHash {
  try {
    return storedHashOf(text)
  } catch (error) {
    // Without the name: who mixed up the two has written the password there.
    throw invalid(problemOf(error), where)
  }
}

/** RFC 7617 section 2: a name has neither colons nor control characters. */
function checkName(name: string, where: Where): void {
  // oxlint-disable-next-line no-control-regex
  if (/[:\x00-\x1f\x7f]/.test(name)) {
    throw invalid('a name must not have colons or control characters', where)
  }
}

function invalid(problem: string, where: Where): Error {
  if ('option' in where) return errors.GW_BASIC_AUTH_OPTIONS({ problem }, where)
  return errors.GW_BASIC_AUTH_OPTIONS({ problem: `line ${where.line}: ${problem}` })
}
