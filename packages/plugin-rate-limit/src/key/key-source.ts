import { hash } from 'node:crypto'
import { consumerKey } from '@gatewright/identity'
import { clientNetworkOf } from '@gatewright/ip-networks'
import type { RequestContext } from '@gatewright/kernel'
import { parseCookie } from 'cookie'
import { pathKey } from './path-key.ts'

/** Which requests share a limit. */
export interface KeyOptions {
  /** One name or a list of names, as the schema allows them. */
  readonly key: unknown
  readonly missing_key: 'client_ip' | 'global' | 'skip'
  /** In bits. */
  readonly ipv6_prefix: number
}

/** The key under which a request is counted; `undefined` if it is not. */
export type KeySource = (ctx: RequestContext) => string | undefined

/** Longer ones are kept as a digest: a client must not decide how much memory its key takes. */
const maxKeyLength = 128
/** In no header field, cookie or path, so that two parts never look like others put together. */
const separator = '\0'

/** Reads keys out of requests; everything that can be is decided now. */
export function createKeySource(options: KeyOptions): KeySource {
  const names = [options.key].flat().map(String)
  const fallback = fallbackOf(options)
  const [first, ...others] = names.map((name) => partOf(name, options))
  if (first === undefined) return fallback
  const composed = others.length === 0 ? first : compose([first, ...others])
  return (ctx) => {
    const key = composed(ctx)
    return key === undefined ? fallback(ctx) : bounded(key)
  }
}

function fallbackOf({ missing_key: missing, ipv6_prefix: bits }: KeyOptions): KeySource {
  if (missing === 'skip') return () => undefined
  // The separator in front keeps a field that holds somebody's address apart from that address.
  if (missing === 'global') return () => separator
  return (ctx) => separator + clientNetworkOf(ctx.clientAddress, bits)
}

function compose(parts: readonly KeySource[]): KeySource {
  return (ctx) => {
    let key = ''
    for (const part of parts) {
      const value = part(ctx)
      if (value === undefined) return undefined
      key += value + separator
    }
    return key
  }
}

function partOf(name: string, { ipv6_prefix: bits }: KeyOptions): KeySource {
  const colon = name.indexOf(':')
  const argument = name.slice(colon + 1)
  switch (colon < 0 ? name : name.slice(0, colon)) {
    case 'header':
      return fieldPart(argument.toLowerCase())
    case 'cookie':
      return cookiePart(argument)
    case 'jwt':
      return claimPart(argument)
    case 'consumer':
      return (ctx) => ctx.get(consumerKey)?.name
    case 'path':
      return (ctx) => pathKey(ctx.request.path)
    case 'global':
      return () => ''
    default:
      return (ctx) => clientNetworkOf(ctx.clientAddress, bits)
  }
}

function fieldPart(name: string): KeySource {
  return ({ request }) => request.headers.get(name)
}

function cookiePart(name: string): KeySource {
  return ({ request }) => {
    const { headers } = request
    const first = headers.get('cookie')
    // HTTP/2 may bring one field per cookie (RFC 9113 section 8.2.3).
    return first === undefined ? undefined : parseCookie(headers.getAll('cookie').join('; '))[name]
  }
}

/** A claim of its own name, else one inside of others: `realm.tenant`. */
function claimPart(path: string): KeySource {
  const steps = path.split('.')
  return (ctx) => {
    const claims = ctx.get(consumerKey)?.claims
    if (claims === undefined) return undefined
    return textOf(Object.hasOwn(claims, path) ? claims[path] : valueAt(claims, steps))
  }
}

function valueAt(claims: unknown, steps: readonly string[]): unknown {
  let value = claims
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    // An object that has the key may be asked for it.
    value = (value as Readonly<Record<string, unknown>>)[step]
  }
  return value
}

/** Texts in quotes as well, so that no text is taken for a number or for more than one part. */
function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : JSON.stringify(value)
}

function bounded(key: string): string {
  return key.length <= maxKeyLength ? key : hash('sha256', key, 'base64')
}
