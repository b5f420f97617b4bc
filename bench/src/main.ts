/**
 * `npm run bench`: what the parts of the request path cost, in nanoseconds. The best of many runs
 * each, since everything else on the machine can only make them slower.
 *
 * @module
 */
import { benchRouteLookup } from './route-lookup.ts'

console.log('route look-up, by number of routers')
await benchRouteLookup()
