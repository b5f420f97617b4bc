import { type FieldsInit, fieldLines, fieldValues, flatFields } from '../wire/fields.ts'
import { connect } from './raw-client.ts'
import type { RawResponse } from './raw-response.ts'

/** What {@link request} sends. */
export interface RequestInit {
  /** Default GET. */
  readonly method?: string
  /** `host`, and for a body `content-length`, are added unless given. */
  readonly headers?: FieldsInit
  /** A list is sent chunked. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[]
  /** After a chunked body. */
  readonly trailers?: FieldsInit
}

/**
 * Sends one request on a connection of its own and reads the response. What stands behind the port
 * is sent as it is, dot segments and all. `http` URLs with a port only.
 */
export async function request(url: string, init: RequestInit = {}): Promise<RawResponse> {
  const [, host, port, rest] = /^http:\/\/([^/?#]+:(\d+))(.*)$/.exec(url) ?? []
  if (host === undefined || rest === undefined) throw new TypeError(`not for this: "${url}"`)
  const { method = 'GET' } = init
  using client = await connect(Number(port))
  // A server may answer and close before it has read everything; its answer counts.
  void client.send(requestBytes(method, rest.startsWith('/') ? rest : `/${rest}`, host, init))
  return await client.readResponse({ method })
}

/** The bytes of one request, for tests that split or pipeline them. */
export function requestBytes(
  method: string,
  target: string,
  host: string,
  { headers = {}, body, trailers = {} }: Omit<RequestInit, 'method'> = {},
): Buffer {
  const fields = flatFields(headers)
  if (fieldValues(fields, 'host').length === 0) fields.unshift('host', host)
  const content = bodyBytes(body, trailers)
  const framed =
    fieldValues(fields, 'content-length').length > 0 ||
    fieldValues(fields, 'transfer-encoding').length > 0
  if (body !== undefined && !framed) {
    if (isList(body)) fields.push('transfer-encoding', 'chunked')
    else fields.push('content-length', String(content.length))
  }
  const head = `${method} ${target} HTTP/1.1\r\n${fieldLines(fields)}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), content])
}

function bodyBytes(body: RequestInit['body'], trailers: FieldsInit): Buffer {
  if (body === undefined) return Buffer.alloc(0)
  if (!isList(body)) return Buffer.from(body)
  const chunks = body.flatMap((piece) => {
    const bytes = Buffer.from(piece)
    return [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]
  })
  return Buffer.concat([...chunks, Buffer.from(`0\r\n${fieldLines(flatFields(trailers))}\r\n`)])
}

function isList(body: NonNullable<RequestInit['body']>): body is readonly (string | Uint8Array)[] {
  return Array.isArray(body)
}
