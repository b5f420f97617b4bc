/**
 * Segments that mean "here" and "up" (RFC 3986 section 5.2.4). An upstream that resolves them serves
 * another path than the one that the rules saw.
 *
 * @module
 */

const dotSegment = /\/(?:\.|%2e){1,2}(?:\/|$)/i
const here = /^(?:\.|%2e)$/i
const up = /^(?:\.|%2e){2}$/i

/** True if a path as received has a dot segment, plain or encoded. */
export function hasDotSegment(path: string): boolean {
  return dotSegment.test(path)
}

/** Resolves the dot segments of a path as received. Everything else stays as it is. */
export function withoutDotSegments(path: string): string {
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  for (const [index, segment] of segments.entries()) {
    const isUp = up.test(segment)
    if (isUp) kept.pop()
    if (!isUp && !here.test(segment)) kept.push(segment)
    // What ends with a dot segment names a folder.
    else if (index === segments.length - 1) kept.push('')
  }
  return `/${kept.join('/')}`
}

// Some upstreams take an encoded slash for a slash, and cut segments at a semicolon.
const looseDotSegment = /(?:\/|%2F)\.{1,2}(?:\/|%2F|;|$)/

/** What makes a decoded path dangerous to forward; `undefined` if nothing does. */
export function unsafePartOf(path: string): string | undefined {
  if (path.includes('\\')) return 'a backslash'
  return looseDotSegment.test(path) ? 'a dot segment' : undefined
}
