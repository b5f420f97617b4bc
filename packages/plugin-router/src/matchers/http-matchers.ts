import type { MatcherFactory } from '@gatewright/kernel'
import type { RequestInputs } from '../input/request-inputs.ts'
import { headerMatcher, headerRegexpMatcher } from './header.ts'
import { hostMatcher, hostRegexpMatcher } from './host.ts'
import { factoryOf } from './http-matcher.ts'
import { methodMatcher } from './method.ts'
import { pathMatcher, pathPrefixMatcher, pathRegexpMatcher } from './path.ts'
import { queryMatcher, queryRegexpMatcher } from './query.ts'

/** Those for requests. */
export function httpMatchers(inputs: RequestInputs): MatcherFactory[] {
  return [
    hostMatcher(inputs),
    hostRegexpMatcher(inputs),
    pathMatcher(inputs),
    pathPrefixMatcher(inputs),
    pathRegexpMatcher(inputs),
    methodMatcher,
    headerMatcher('Header'),
    headerMatcher('Headers'),
    headerRegexpMatcher('HeaderRegexp'),
    headerRegexpMatcher('HeadersRegexp'),
    queryMatcher,
    queryRegexpMatcher,
  ].map(factoryOf)
}
