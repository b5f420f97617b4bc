import { hash } from 'node:crypto'
import { type Consumer, digestOfText, SecretTable } from '@gatewright/identity'
import type { ConfigPath } from '@gatewright/kernel'
import { errors } from './errors.ts'
import type { ApiKeyOptions } from './options.ts'

const digestPrefix = 'sha256:'

/** With fewer characters a key may be found by trying. */
export const shortestSafeKey = 16

/** The keys that are known, with the consumers to whom they belong. */
export class KeyList {
  readonly #consumers = new SecretTable<Consumer>()
  #shortKeys = 0

  get size(): number {
    return this.#consumers.size
  }

  /** How many are so short that they can be guessed; of a digest nobody knows. */
  get shortKeys(): number {
    return this.#shortKeys
  }

  /** Whose key it is, by its digest. */
  find(digest: string): Consumer | undefined {
    return this.#consumers.find(digest)
  }

  /** False, and nothing changes, if it is there already. */
  add(key: string, digest: string, consumer: Consumer): boolean {
    if (!this.#consumers.add(digest, consumer)) return false
    if (!key.startsWith(digestPrefix) && key.length < shortestSafeKey) this.#shortKeys++
    return true
  }
}

/**
 * Puts the keys of a block, and those of its file, together. Throws GW_API_KEY_NO_KEYS, or
 * GW_API_KEY_OPTIONS, which names places and consumers but no keys.
 */
export function keyListOf(options: Pick<ApiKeyOptions, 'keys' | 'consumers'>, file = ''): KeyList {
  const list = new KeyList()
  for (const [index, key] of (options.keys ?? []).entries()) {
    add(list, key, undefined, { option: ['keys', index] })
  }
  for (const [name, keys] of Object.entries(options.consumers ?? {})) {
    for (const [index, key] of keys.entries()) {
      add(list, key, name, { option: ['consumers', name, index] })
    }
  }
  for (const [index, line] of file.split('\n').entries()) addLine(list, line, { line: index + 1 })
  if (list.size === 0) throw errors.GW_API_KEY_NO_KEYS()
  return list
}

/** Where a key stands. */
type Where = { readonly option: ConfigPath } | { readonly line: number }

/** What separates words and sentences is no part of a name: a letter is no list of keys. */
const nameInFile = /^[^\p{White_Space}\p{Cc},;"\\]+$/u

/** A key alone, or a key, blanks, and the name of its consumer. */
function addLine(list: KeyList, line: string, where: Where): void {
  const text = line.trim()
  if (text === '' || text.startsWith('#')) return
  const [key = '', name, ...rest] = text.split(/\s+/)
  if (rest.length > 0) {
    throw invalid('expected a key and the name of its consumer, which has no blanks', where)
  }
  if (name !== undefined && !nameInFile.test(name)) {
    throw invalid('expected the name of a consumer without commas, semicolons and quotes', where)
  }
  add(list, key, name, where)
}

function add(list: KeyList, key: string, name: string | undefined, where: Where): void {
  const digest = digestIn(key, where)
  const consumer: Consumer = { name: name ?? anonymousName(digest), claims: {} }
  // oxlint-disable-next-line no-control-regex
  if (/^$|[\x00-\x1f\x7f]/.test(consumer.name)) {
    throw invalid('no name that a header field may have', where)
  }
  if (list.add(key, digest, consumer)) return
  throw invalid('the same key stands there twice', where)
}

function digestIn(key: string, where: Where): string {
  if (!key.startsWith(digestPrefix)) return digestOfText(key)
  const hex = key.slice(digestPrefix.length)
  if (/^[0-9a-f]{64}$/i.test(hex)) return hex.toLowerCase()
  throw invalid(`after "${digestPrefix}" there must be 64 hexadecimal digits`, where)
}

function invalid(problem: string, where: Where): Error {
  if ('option' in where) return errors.GW_API_KEY_OPTIONS({ problem }, where)
  return errors.GW_API_KEY_OPTIONS({ problem: `line ${where.line}: ${problem}` })
}

/** The same for a key wherever it stands in the list, and not a part of its digest. */
function anonymousName(digest: string): string {
  const bytes = Buffer.concat([Buffer.from('consumer'), Buffer.from(digest, 'hex')])
  return `key-${hash('sha256', bytes).slice(0, 8)}`
}
