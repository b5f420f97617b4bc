import { errors } from '../errors.ts'
import type { RouterOptions } from '../options.ts'
import { hasDotSegment, unsafePartOf, withoutDotSegments } from './dot-segments.ts'
import { hexByte } from './percent.ts'

const percent = 0x25

/** A request path as rules see it and as it is forwarded. */
export interface RoutingPath {
  /** With escapes decoded, except those of reserved characters. */
  readonly routed: string
  /** What is to be forwarded instead of what was received; `undefined` if nothing changes. */
  readonly forwarded: string | undefined
}

/**
 * True if nothing in the path has to be decoded, removed or checked, which is so for nearly all of
 * them. Does not allocate.
 */
export function isOrdinary(path: string): boolean {
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code > slash) {
      if (code === backslash) return false
    } else if (code === percent || code === hash) return false
    else if (code === dot && path.charCodeAt(i - 1) === slash) return false
  }
  return true
}

const hash = 0x23
const dot = 0x2e
const slash = 0x2f
const backslash = 0x5c

/**
 * Prepares a path that is not ordinary.
 * Throws GW_ROUTER_MALFORMED_PATH or GW_ROUTER_UNSAFE_PATH.
 */
export function routingPath(
  received: string,
  normalization: RouterOptions['path_normalization'],
): RoutingPath {
  const fragment = received.indexOf('#')
  const path = fragment < 0 ? received : received.slice(0, fragment)
  const resolves = normalization === 'normalize' && hasDotSegment(path)
  const forwarded = resolves ? withoutDotSegments(path) : undefined
  const routed = decodePath(forwarded ?? path)
  if (normalization !== 'raw') refuseUnsafe(routed)
  return { routed, forwarded }
}

/**
 * Decodes every escape except those of reserved characters (RFC 3986 section 2.2) and of the
 * percent sign, whose meaning would change; their digits become upper-case.
 * Throws GW_ROUTER_MALFORMED_PATH or, for control characters, GW_ROUTER_UNSAFE_PATH.
 */
export function decodePath(path: string): string {
  let decoded = ''
  let from = 0
  for (let at = path.indexOf('%'); at >= 0; at = path.indexOf('%', at + 3)) {
    const byte = hexByte(path, at + 1)
    if (byte < 0) throw errors.GW_ROUTER_MALFORMED_PATH({ character: at + 1 })
    if (byte < 0x20 || byte === 0x7f) {
      throw errors.GW_ROUTER_UNSAFE_PATH({ found: 'an encoded control character' })
    }
    decoded += path.slice(from, at)
    decoded += keepsEscape(byte) ? path.slice(at, at + 3).toUpperCase() : String.fromCharCode(byte)
    from = at + 3
  }
  return decoded + path.slice(from)
}

const reserved = new Set(Buffer.from(":/?#[]@!$&'()*+,;="))

function keepsEscape(byte: number): boolean {
  return byte === percent || reserved.has(byte)
}

function refuseUnsafe(path: string): void {
  const found = unsafePartOf(path)
  if (found !== undefined) throw errors.GW_ROUTER_UNSAFE_PATH({ found })
}
