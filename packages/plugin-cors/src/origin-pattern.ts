import { type ConfigPath, problemOf } from '@gatewright/kernel'
import { Pattern } from '@gatewright/plugin-router'
import { errors } from './errors.ts'

/** Says whether an origin, in the form that browsers send, is one of those that are meant. */
export type OriginTest = (origin: string) => boolean

/**
 * Scheme and begin of the host; a star and what follows it; a port. What follows a star begins a
 * label or a word: `https://*example.com` would let https://evilexample.com in.
 */
const starred = /^([a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]*)(\*[.-][a-z0-9._-]+)?(:(?:[0-9]{1,5}|\*))?$/

/**
 * Understands a pattern: an origin with a star in its host, which stands for one or more characters
 * of a host name, dots included, or in place of its port; or, if it begins with `^`, a regular
 * expression for the whole origin. Neither backtracks. Throws GW_CORS_INVALID_PATTERN.
 *
 * @param option Where it stands, for the error.
 */
export function parseOriginPattern(pattern: string, option: ConfigPath = []): OriginTest {
  if (pattern.startsWith('^')) return regularExpression(pattern, option)
  const [, before = '', star, port = ''] = starred.exec(pattern.toLowerCase()) ?? []
  const anyPort = port === ':*'
  if (before === '' || (star === undefined && !anyPort)) {
    const problem = 'expected something like "https://*.example.com", or "^" in front'
    throw errors.GW_CORS_INVALID_PATTERN({ pattern, problem }, { option })
  }
  const isHost = hostTest(before, star?.slice(1))
  if (anyPort) return (origin) => isHost(origin.replace(/:[0-9]+$/, ''))
  return (origin) => origin.endsWith(port) && isHost(origin.slice(0, origin.length - port.length))
}

/** @param after What stands behind the star; `undefined` if there is none. */
function hostTest(before: string, after: string | undefined): OriginTest {
  if (after === undefined) return (text) => text === before
  return (text) => {
    const end = text.length - after.length
    if (end <= before.length || !text.startsWith(before) || !text.endsWith(after)) return false
    // Nothing that could be taken for a port, a user or the end of the host.
    return /^[a-z0-9._-]+$/.test(text.slice(before.length, end))
  }
}

function regularExpression(source: string, option: ConfigPath): OriginTest {
  try {
    // The whole origin: what is only found in it would let https://example.com.evil.example in.
    const pattern = new Pattern(`^(?:${source})$`)
    return (origin) => pattern.test(origin)
  } catch (error) {
    const params = { pattern: source, problem: problemOf(error) }
    throw errors.GW_CORS_INVALID_PATTERN(params, { option })
  }
}
