import { type Exchange, type HeaderList, RequestContext } from '@gatewright/kernel'
import type { ConsistentHashOptions } from '../options.ts'
import type { RandomSource } from '../random.ts'
import { hashLimit, hashText } from './hash.ts'

/** The hash by which an exchange is placed. */
export type HashKey = (exchange: Exchange) => number

/** Stands for "is not there": no hash is below 0. */
const missing = -1

const mappedPrefix = '::ffff:'
const space = 32
const tab = 9

/** Reads keys out of exchanges, without cutting texts to pieces. */
export function createHashKey(
  { hash_on: name, hash_missing: otherwise }: ConsistentHashOptions,
  random: RandomSource,
): HashKey {
  const find = partOf(name)
  if (find === undefined) return hashClient
  const fallback = otherwise === 'random' ? () => Math.floor(random() * hashLimit) : hashClient
  return (exchange) => {
    // A connection that carries no requests has neither path nor fields.
    if (!(exchange instanceof RequestContext)) return fallback(exchange)
    const hash = find(exchange)
    return hash === missing ? fallback(exchange) : hash
  }
}

/** `undefined` stands for the client's address. */
function partOf(name: string): ((ctx: RequestContext) => number) | undefined {
  const colon = name.indexOf(':')
  const argument = name.slice(colon + 1)
  switch (colon < 0 ? name : name.slice(0, colon)) {
    case 'path':
      return ({ request: { target } }) => hashText(target, 0, endOfPath(target))
    case 'header':
      return fieldPart(argument.toLowerCase())
    case 'cookie':
      return cookiePart(`${argument}=`)
    case 'query':
      return queryPart(`${argument}=`)
    default:
      return undefined
  }
}

/** An IPv4 address is the same whether it came as one or in the form of IPv6. */
function hashClient({ clientAddress: address }: Exchange): number {
  const isMapped = address.startsWith(mappedPrefix) && address.includes('.')
  return hashText(address, isMapped ? mappedPrefix.length : 0)
}

function fieldPart(name: string): (ctx: RequestContext) => number {
  return ({ request }) => {
    const value = request.headers.get(name)
    return value === undefined || value === '' ? missing : hashText(value)
  }
}

function cookiePart(prefix: string): (ctx: RequestContext) => number {
  return ({ request: { headers } }) => {
    const line = headers.get('cookie')
    if (line === undefined) return missing
    const hash = hashPair(line, 0, ';', prefix)
    return hash === missing ? hashFurtherCookie(headers, prefix) : hash
  }
}

/** HTTP/2 may bring one field per cookie (RFC 9113 section 8.2.3). */
function hashFurtherCookie(headers: HeaderList, prefix: string): number {
  for (const line of headers.getAll('cookie').slice(1)) {
    const hash = hashPair(line, 0, ';', prefix)
    if (hash !== missing) return hash
  }
  return missing
}

function queryPart(prefix: string): (ctx: RequestContext) => number {
  return ({ request: { target } }) => hashPair(target, endOfPath(target) + 1, '&', prefix)
}

function endOfPath(target: string): number {
  const query = target.indexOf('?')
  return query < 0 ? target.length : query
}

/** Of the first value behind `name=` that is not empty, among pairs with a separator between them. */
function hashPair(text: string, from: number, separator: string, prefix: string): number {
  let start = from
  while (start < text.length) {
    start = skipBlanks(text, start)
    const next = text.indexOf(separator, start)
    const end = next < 0 ? text.length : next
    const value = start + prefix.length
    if (value < end && text.startsWith(prefix, start)) return hashText(text, value, end)
    start = end + 1
  }
  return missing
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) === space || text.charCodeAt(at) === tab) at++
  return at
}
