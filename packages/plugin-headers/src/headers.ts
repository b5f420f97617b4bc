import { otherSpellings } from '@gatewright/identity'
import {
  defineMiddleware,
  type Filter,
  type HeaderList,
  type MiddlewareFactory,
  type RequestContext,
} from '@gatewright/kernel'
import { errors } from './errors.ts'
import { FieldEdits } from './field-edits.ts'
import { type HeadersOptions, schema } from './options.ts'
import { hstsOf, securityFieldsOf } from './security-fields.ts'

const strictTransport = 'strict-transport-security'

/** The `headers` middleware type. */
export const headers: MiddlewareFactory<HeadersOptions> = defineMiddleware({
  type: 'headers',
  schema,
  create(options) {
    const filter: Filter = {}
    const onRequest = requestStep(options)
    const onResponse = responseStep(options)
    // An empty block does nothing, and is no mistake.
    if (onRequest !== undefined || onResponse === undefined)
      filter.onRequest = onRequest ?? doNothing
    if (onResponse !== undefined) filter.onResponse = onResponse
    const claims = claimsOf(options)
    if (claims.length > 0) filter.onSkip = ({ request }) => removeAll(request.headers, claims)
    return filter
  },
})

/** What is to be done with every request; `undefined` if nothing is. */
function requestStep(options: HeadersOptions): Filter['onRequest'] {
  const { request_headers: set, append_request_headers: append } = options
  for (const [key, fields] of Object.entries({
    request_headers: set,
    append_request_headers: append,
  })) {
    const host = Object.keys(fields).find((name) => name.toLowerCase() === 'host')
    if (host === undefined) continue
    throw errors.GW_HEADERS_HOST_FIELD(undefined, { option: [key, host] })
  }
  const edits = new FieldEdits()
  edits.set(set, 'request_headers')
  edits.append(append, 'append_request_headers')
  const host = options.host_override?.toLowerCase()
  if (edits.size === 0 && host === undefined) return undefined
  const spellings = foreignSpellings(namesOf(set), namesOf(append))
  return (ctx) => {
    removeAll(ctx.request.headers, spellings)
    edits.apply(ctx.request.headers, ctx)
    if (host !== undefined) ctx.request.authority = host
  }
}

/**
 * Under which other names clients might send what the gateway sets. An application that reads
 * `x_client` and `x-client` as one would believe them (RFC 3875 section 4.1.18).
 */
function foreignSpellings(set: readonly string[], append: readonly string[]): readonly string[] {
  const own = new Set([...set, ...append])
  return [...new Set(set.flatMap(otherSpellings))].filter((name) => !own.has(name))
}

/**
 * What clients say of themselves to every server, and what the entrypoint says of them: the upstream
 * takes neither for the word of this middleware, and may need it where the middleware is skipped.
 */
const ownWords =
  /^(?:accept|authorization|cache-control|cookie|date|expect|forwarded|from|origin|pragma|prefer|priority|range|referer|upgrade-insecure-requests|user-agent|via|x-real-ip|(?:accept|content|if|sec|x-forwarded)-.+)$/

/** What clients may not claim where the middleware is skipped: the fields that it stands for. */
function claimsOf({ request_headers: set, append_request_headers: append }: HeadersOptions) {
  const claims = namesOf(set).filter((name) => !ownWords.test(name))
  return [...claims, ...foreignSpellings(claims, namesOf(append))]
}

function removeAll(fields: HeaderList, names: readonly string[]): void {
  for (const name of names) fields.delete(name)
}

function namesOf(fields: Readonly<Record<string, string>>): string[] {
  return Object.keys(fields).map((name) => name.toLowerCase())
}

/** What is to be done with every response; `undefined` if nothing is. */
function responseStep(options: HeadersOptions): Filter['onResponse'] {
  const edits = new FieldEdits()
  for (const [key, name, value] of securityFieldsOf(options)) edits.preset(name, value, key)
  edits.set(options.response_headers, 'response_headers')
  edits.append(options.append_response_headers, 'append_response_headers')
  const hsts = hstsOf(options)
  const first = hsts === undefined ? undefined : edits.keyOf(strictTransport)
  if (first !== undefined) {
    const option = ['hsts_seconds']
    throw errors.GW_HEADERS_DUPLICATE_FIELD({ name: strictTransport, first }, { option })
  }
  if (edits.size === 0 && hsts === undefined) return undefined
  return (ctx, { headers: fields }) => {
    edits.apply(fields, ctx)
    if (hsts !== undefined && isEncrypted(ctx)) fields.set(strictTransport, hsts)
  }
}

/** Browsers ignore the field over plain connections, where anybody could forge it (RFC 6797 7.2). */
function isEncrypted({ connection, request }: RequestContext): boolean {
  if (connection.encrypted) return true
  return (
    connection.fromTrustedProxy === true && request.headers.get('x-forwarded-proto') === 'https'
  )
}

function doNothing(): void {
  // There is nothing to change.
}
