import { defineMiddleware, type HeaderList, type MiddlewareFactory } from '@gatewright/kernel'
import { errors } from './errors.ts'
import { type StripPrefixOptions, schema } from './options.ts'
import { PrefixList } from './prefix-list.ts'

const forwardedPrefix = 'x-forwarded-prefix'

/** The `strip-prefix` middleware type. Compares paths as received, without percent-decoding. */
export const stripPrefix: MiddlewareFactory<StripPrefixOptions> = defineMiddleware({
  type: 'strip-prefix',
  schema,
  create(options) {
    const prefixes = new PrefixList(options)
    return {
      onRequest({ request }) {
        const { path } = request
        const length = prefixes.lengthIn(path)
        if (length === undefined) return
        const rest = pathFrom(path, length)
        const prefix = withoutTrailingSlashes(path.slice(0, length))
        // `/api../admin` minus `/api` is `/../admin`, which the upstream would resolve.
        if (startsWithDotSegment(rest)) throw errors.GW_STRIP_PREFIX_UNSAFE_PATH({ path, prefix })
        request.path = rest
        if (prefix !== '') addForwardedPrefix(request.headers, prefix)
      },
    }
  },
})

/**
 * The path that begins at `index`, with exactly one slash in front: a path that begins with two
 * names another host when an upstream puts it into `Location` (RFC 3986 section 4.2), and browsers
 * take a backslash for a slash.
 */
function pathFrom(path: string, index: number): string {
  let start = index
  while (path[start] === '/' || path[start] === '\\') start++
  return `/${path.slice(start)}`
}

/** Applications put the prefix in front of paths, which bring their own slash. */
function withoutTrailingSlashes(prefix: string): string {
  let end = prefix.length
  while (prefix[end - 1] === '/') end--
  return prefix.slice(0, end)
}

/**
 * True for `/.` and `/..` (RFC 3986 section 5.2.4), also where they end with something that some
 * upstreams take for the end of a segment: an encoded slash, a backslash, a path parameter.
 */
function startsWithDotSegment(path: string): boolean {
  return /^\/(?:\.|%2e){1,2}(?:[/\\;]|%2f|%5c|$)/i.test(path)
}

/** Prefixes that proxies in front of us removed come first, as in `X-Forwarded-For`. */
function addForwardedPrefix(headers: HeaderList, prefix: string): void {
  if (!headers.has(forwardedPrefix)) return headers.append(forwardedPrefix, prefix)
  headers.set(forwardedPrefix, [...headers.getAll(forwardedPrefix), prefix].join(', '))
}
