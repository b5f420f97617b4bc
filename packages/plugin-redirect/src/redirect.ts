import {
  defineMiddleware,
  GatewayResponse,
  HeaderList,
  type MiddlewareFactory,
  type RequestContext,
} from '@gatewright/kernel'
import { errors } from './errors.ts'
import { locationFor, type Place } from './location.ts'
import { type RedirectOptions, schema } from './options.ts'

/** Those that lead a client on (RFC 9110 section 15.4). */
const statuses = new Set([301, 302, 303, 307, 308])

/** What may stand in a URL as it came. */
const authority = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{0,5})?$/i

/** The `redirect` middleware type. Lets pass who is where the others are sent. */
export const redirect: MiddlewareFactory<RedirectOptions> = defineMiddleware({
  type: 'redirect',
  schema,
  create(options) {
    const { scheme, host, port, path, status } = options
    if ([scheme, host, port, path].every((part) => part === undefined)) {
      throw errors.GW_REDIRECT_NOWHERE()
    }
    if (!statuses.has(status)) {
      throw errors.GW_REDIRECT_STATUS({ status }, { option: ['status'] })
    }
    return {
      onRequest(ctx) {
        const { request } = ctx
        // `*` of OPTIONS and the target of CONNECT are no paths.
        if (!request.target.startsWith('/')) return undefined
        const place = placeOf(ctx)
        // RFC 9112 section 3.2.2: only HTTP/1.0 may leave it out.
        if (host === undefined && !authority.test(place.authority)) {
          throw errors.GW_REDIRECT_NO_HOST()
        }
        const location = locationFor(options, place)
        if (location === undefined) return undefined
        const headers = new HeaderList(['location', location + request.query])
        return new GatewayResponse({ status, headers, body: '' })
      },
    }
  },
})

/** As the client sees it, through proxies that the entrypoint trusts. */
function placeOf({ connection, request }: RequestContext): Place {
  const { headers, path } = request
  const behind = connection.fromTrustedProxy === true
  const proto = behind ? headers.get('x-forwarded-proto') : undefined
  const isEncrypted = proto === undefined ? connection.encrypted : proto === 'https'
  // Of several, the first is what the client asked for.
  const host = behind ? headers.get('x-forwarded-host')?.split(',', 1)[0]?.trim() : undefined
  return { scheme: isEncrypted ? 'https' : 'http', authority: host ?? request.authority, path }
}
