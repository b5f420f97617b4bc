import { defineMiddleware, type MiddlewareFactory } from '@gatewright/kernel'
import { errors } from './errors.ts'
import { type AddPrefixOptions, schema } from './options.ts'

/** The `add-prefix` middleware type. Paths stay as received behind the prefix. */
export const addPrefix: MiddlewareFactory<AddPrefixOptions> = defineMiddleware({
  type: 'add-prefix',
  schema,
  create(options) {
    const prefix = options.prefix.replace(/\/$/, '')
    return {
      onRequest({ request }) {
        const { path } = request
        // `*` of OPTIONS and the target of CONNECT are no paths.
        if (!path.startsWith('/')) return
        if (climbsOut(path)) throw errors.GW_ADD_PREFIX_UNSAFE_PATH({ path, prefix })
        request.path = prefix + path
      },
    }
  },
})

/** What some upstreams take for the end of a segment, the path parameter left out. */
const slashes = /\/|\\|%2f|%5c/i
const oneUp = /^(?:\.|%2e){2}(?:;|$)/i
const stays = /^(?:\.|%2e)?(?:;|$)/i

/** True if dot segments lead above where the path begins (RFC 3986 section 5.2.4). */
function climbsOut(path: string): boolean {
  if (!path.includes('.') && !/%2e/i.test(path)) return false
  let depth = 0
  for (const segment of path.slice(1).split(slashes)) {
    if (oneUp.test(segment)) depth--
    else if (!stays.test(segment)) depth++
    if (depth < 0) return true
  }
  return false
}
