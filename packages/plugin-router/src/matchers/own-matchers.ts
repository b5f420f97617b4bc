import type { MatcherFactory } from '@gatewright/kernel'
import type { RequestInputs } from '../input/request-inputs.ts'
import { clientIpMatcher } from './client-ip.ts'
import { httpMatchers } from './http-matchers.ts'
import { alpnMatcher, hostSniMatcher, hostSniRegexpMatcher } from './server-name.ts'

const own = new WeakSet<MatcherFactory>()

/** The matchers of this package. */
export function ownMatchers(inputs: RequestInputs): readonly MatcherFactory[] {
  const streams = [hostSniMatcher, hostSniRegexpMatcher, alpnMatcher, clientIpMatcher]
  const all = [...httpMatchers(inputs), ...streams]
  for (const matcher of all) own.add(matcher)
  return all
}

/** True for a matcher of this package, whose answers need no look. */
export function isOwn(matcher: MatcherFactory): boolean {
  return own.has(matcher)
}
