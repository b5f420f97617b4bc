import { randomUUID } from 'node:crypto'
import { ContextKey, note, type RequestContext } from '@gatewright/kernel'

/** The id of a request, for whoever logs or reports it; unset until somebody asked for it. */
export const requestId: ContextKey<string> = new ContextKey('request-id')

/**
 * The id of the request: that of `X-Request-Id` if a trusted proxy sent one, else a new UUID whose
 * begin is the time (RFC 9562 section 5.7). The same in every try.
 */
export function requestIdOf(ctx: RequestContext): string {
  const known = ctx.get(requestId)
  if (known !== undefined) return known
  const id = idOfProxy(ctx) ?? newId(Date.now())
  ctx.set(requestId, id)
  note(ctx, 'request_id', id)
  return id
}

/** Clients may not choose what logs are searched for. */
function idOfProxy({ connection, request }: RequestContext): string | undefined {
  if (connection.fromTrustedProxy !== true) return undefined
  const given = request.headers.get('x-request-id')
  return given !== undefined && /^[\w.-]{1,128}$/.test(given) ? given : undefined
}

/** What the ids of the present millisecond begin with. */
let prefix = ''
let prefixAt = -1

function newId(now: number): string {
  if (now !== prefixAt) {
    const time = now.toString(16).padStart(12, '0')
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`
    prefixAt = now
  }
  return prefix + randomUUID().slice(15)
}
