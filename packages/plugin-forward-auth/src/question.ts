import type { HeaderList, RequestContext } from '@gatewright/kernel'
import { belongsToRequest, namedByConnection } from './message-fields.ts'

/**
 * The header fields with which the auth server is asked: those of the request, and what the request
 * was for. An entrypoint has already removed `X-Forwarded-*` of clients whom it does not trust.
 * @param allowed In lower case; without it everything but what concerns the message itself.
 * @param withBody The body of the request goes along.
 */
export function questionFields(
  ctx: RequestContext,
  allowed: ReadonlySet<string> | undefined,
  withBody: boolean,
): string[] {
  const { request, connection } = ctx
  const fields = copied(request.headers, allowed, withBody)
  addUnlessThere(request.headers, fields, 'x-forwarded-for', ctx.clientAddress)
  addUnlessThere(
    request.headers,
    fields,
    'x-forwarded-proto',
    connection.encrypted ? 'https' : 'http',
  )
  addUnlessThere(request.headers, fields, 'x-forwarded-host', request.authority)
  fields.push('x-forwarded-method', request.method, 'x-forwarded-uri', request.target)
  return fields
}

/** What is said in every question, whatever is allowed. */
const always = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'])

/** What the gateway says itself. */
const ours = new Set(['x-forwarded-method', 'x-forwarded-uri'])

function copied(
  headers: HeaderList,
  allowed: ReadonlySet<string> | undefined,
  withBody: boolean,
): string[] {
  const ofConnection = namedByConnection(headers)
  const fields: string[] = []
  for (const [name, value] of headers) {
    if (isForged(name)) continue
    if (always.has(name) || isCopied(name, allowed, ofConnection, withBody)) {
      fields.push(name, value)
    }
  }
  return fields
}

/**
 * True for what only the gateway says, and for what an auth server behind CGI, WSGI or PHP would
 * take for that (RFC 3875 section 4.1.18).
 */
function isForged(name: string): boolean {
  if (ours.has(name)) return true
  if (!name.includes('_')) return false
  const dashed = name.replaceAll('_', '-')
  return ours.has(dashed) || always.has(dashed)
}

function isCopied(
  name: string,
  allowed: ReadonlySet<string> | undefined,
  ofConnection: ReadonlySet<string>,
  withBody: boolean,
): boolean {
  if (withBody && (name === 'content-type' || name === 'content-encoding')) return true
  if (belongsToRequest(name) || ofConnection.has(name)) return false
  return allowed === undefined || allowed.has(name)
}

function addUnlessThere(headers: HeaderList, fields: string[], name: string, value: string): void {
  if (value !== '' && !headers.has(name)) fields.push(name, value)
}
