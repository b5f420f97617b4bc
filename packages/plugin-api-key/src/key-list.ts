import { hash } from 'node:crypto'
import { type Consumer, digestOfText, SecretTable } from '@gatewright/identity'
import type { ConfigPath } from '@gatewright/kernel'
import { errors } from './errors.ts'
import type { ApiKeyOptions } from './options.ts'

const digestPrefix = 'sha256:'

/** The keys that are known, with the consumers to whom they belong. */
export type KeyList = SecretTable<Consumer>

/**
 * Puts the keys of a block, and those of its file, together. Throws GW_API_KEY_OPTIONS, which
 * names places and consumers but no keys.
 */
export function keyListOf(options: Pick<ApiKeyOptions, 'keys' | 'consumers'>, file = ''): KeyList {
  const list: KeyList = new SecretTable()
  for (const [index, key] of (options.keys ?? []).entries()) {
    add(list, key, undefined, { option: ['keys', index] })
  }
  for (const [name, keys] of Object.entries(options.consumers ?? {})) {
    for (const [index, key] of keys.entries()) {
      add(list, key, name, { option: ['consumers', name, index] })
    }
  }
  for (const [index, line] of file.split('\n').entries()) addLine(list, line, { line: index + 1 })
  if (list.size === 0) throw errors.GW_API_KEY_OPTIONS({ problem: 'there is no key at all' })
  return list
}

/** Where a key stands. */
type Where = { readonly option: ConfigPath } | { readonly line: number }

/** A key, blanks, and the name of its consumer, which may have blanks in it. */
function addLine(list: KeyList, line: string, where: Where): void {
  const text = line.trim()
  if (text === '' || text.startsWith('#')) return
  const [key = ''] = text.split(/\s/, 1)
  const name = text.slice(key.length).trim()
  add(list, key, name === '' ? undefined : name, where)
}

function add(list: KeyList, key: string, name: string | undefined, where: Where): void {
  const digest = digestIn(key, where)
  const consumer: Consumer = { name: name ?? anonymousName(digest), claims: {} }
  // oxlint-disable-next-line no-control-regex
  if (/^$|[\x00-\x1f\x7f]/.test(consumer.name)) {
    throw invalid('no name that a header field may have', where)
  }
  if (list.add(digest, consumer)) return
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
