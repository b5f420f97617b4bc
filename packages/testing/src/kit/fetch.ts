import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { Readable } from 'node:stream'
import type { Pieces } from '../upstream/reply.ts'
import { type FieldsInit, fieldValues, flatFields } from '../wire/fields.ts'

/** What `fetch` of a test gateway sends. */
export interface FetchInit {
  /** Default GET. */
  readonly method?: string
  /** `host` may be among them. */
  readonly headers?: FieldsInit
  readonly body?: string | Uint8Array | Pieces
  readonly signal?: AbortSignal
  /** Where it comes in. Default: the first one. */
  readonly entrypoint?: string
  /** Whom to believe behind `https:`, as PEM. Default: anybody. */
  readonly ca?: string
}

/** Where a gateway listens. */
export interface FetchTarget {
  readonly port: number
  /** Called with what must be gone when the gateway stops. */
  readonly opened: (request: ClientRequest) => void
}

const bodiless = new Set([204, 205, 304])

/**
 * One request over a socket of its own, to be read like any response of `fetch`. Follows no
 * redirect. A whole URL says which host it is for and whether there is TLS; the connection always
 * goes to the gateway.
 */
export async function fetchFrom(
  { port, opened }: FetchTarget,
  target: string | URL,
  init: FetchInit = {},
): Promise<Response> {
  const { method = 'GET', headers = {}, body, signal, ca } = init
  const url = new URL(String(target), `http://127.0.0.1:${port}`)
  const isSecure = url.protocol === 'https:'
  const fields = flatFields(headers)
  if (fieldValues(fields, 'host').length === 0) fields.push('host', url.host)
  fields.push(...framing(fields, body))
  const options = {
    host: '127.0.0.1',
    port,
    method,
    path: `${url.pathname}${url.search}`,
    headers: fields,
    agent: false as const,
    ...(signal !== undefined && { signal }),
  }
  const secure = { servername: url.hostname, rejectUnauthorized: ca !== undefined }
  const request = isSecure
    ? requestHttps({ ...options, ...secure, ...(ca !== undefined && { ca }) })
    : requestHttp(options)
  opened(request)
  const answered = once(request, 'response')
  // Whoever waits for it is told; nobody may, if the body fails first.
  answered.catch(() => undefined)
  // What fails after the head is told to whoever reads the body.
  request.on('error', () => undefined)
  await send(request, body, answered)
  // The event brings the message.
  const [message] = (await answered) as [IncomingMessage]
  return responseOf(message, method)
}

function framing(fields: readonly string[], body: FetchInit['body']): string[] {
  const names = ['content-length', 'transfer-encoding']
  if (body === undefined || names.some((name) => fieldValues(fields, name).length > 0)) return []
  const isWhole = typeof body === 'string' || body instanceof Uint8Array
  return isWhole
    ? ['content-length', String(Buffer.byteLength(body))]
    : ['transfer-encoding', 'chunked']
}

async function send(
  request: ClientRequest,
  body: FetchInit['body'],
  answered: Promise<unknown>,
): Promise<void> {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    request.end(body)
    return
  }
  const pouring = (async (): Promise<void> => {
    for await (const piece of body) {
      if (!request.write(piece)) await Promise.race([once(request, 'drain'), answered])
    }
    request.end()
  })()
  // An answer may come before everything was sent; a failure shows there.
  pouring.catch((error: unknown) => void request.destroy(asError(error)))
  await Promise.race([pouring, answered])
}

function responseOf(message: IncomingMessage, method: string): Response {
  const { statusCode: status = 500, statusMessage: statusText = '', rawHeaders } = message
  const headers = new Headers()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '')
  }
  if (method === 'HEAD' || bodiless.has(status)) {
    message.resume()
    return new Response(null, { status, statusText, headers })
  }
  return new Response(Readable.toWeb(message), { status, statusText, headers })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
