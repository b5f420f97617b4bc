import { STATUS_CODES } from 'node:http'
import { type FieldsInit, fieldLines, fieldValues, flatFields } from '../wire/fields.ts'
import type { Ending } from '../wire/socket-reader.ts'
import type { UpstreamRequest } from './upstream-request.ts'

/** One request on its connection, as a reply sees it. */
export interface UpstreamExchange {
  readonly request: UpstreamRequest
  /** Resolves when the other side has gone; a reply that is still running is then given up. */
  readonly gone: Promise<Ending>
  /**
   * Resolves when the whole request is there. Answers `Expect: 100-continue` first, unless
   * something has been written already.
   */
  readonly readBody: () => Promise<void>
  /** Resolves when the bytes have left, rejects when the connection is lost. */
  readonly write: (bytes: string | Uint8Array) => Promise<void>
  /** Reads nothing more from the connection, so that back-pressure builds up. */
  readonly pause: () => void
  readonly resume: () => void
  /** What comes next is no further request; {@link UpstreamExchange.read} gets it. */
  readonly takeOver: () => void
  /** Bytes after {@link UpstreamExchange.takeOver}; none at the end. */
  readonly read: () => Promise<Buffer>
  /** Closes in order (FIN) after what has been written. */
  readonly end: () => void
  /** Closes with an RST. */
  readonly reset: () => void
}

/** What an upstream does with one request. */
export class Reply {
  /**
   * Runs when the request head has arrived; the connection goes on with the next request when it
   * is done, unless it ended the connection. What it throws is reported when the upstream closes.
   */
  readonly play: (exchange: UpstreamExchange) => PromiseLike<void> | void

  constructor(play: (exchange: UpstreamExchange) => PromiseLike<void> | void) {
    this.play = play
  }
}

/** Pieces of a body; a test decides through an async generator when each of them is sent. */
export type Pieces = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>

/** A 1xx response (RFC 9110 section 15.2). */
export interface InterimHead {
  readonly status: number
  readonly headers?: FieldsInit
}

/**
 * A whole response, in one write, once the request is complete. Adds `content-length` where it may
 * stand and is not given; sends no body in answer to HEAD; closes if `connection: close` says so.
 */
export function reply(
  status: number = 200,
  headers: FieldsInit = {},
  body: string | Uint8Array = '',
): Reply {
  const bytes = Buffer.from(body)
  const fields = flatFields(headers)
  const framed =
    fieldValues(fields, 'content-length').length > 0 ||
    fieldValues(fields, 'transfer-encoding').length > 0
  if (!framed && !isBodiless(status)) fields.push('content-length', String(bytes.length))
  const closes = fieldValues(fields, 'connection').some((value) => /\bclose\b/i.test(value))
  return new Reply(async ({ request, readBody, write, end }) => {
    await readBody()
    const withBody = request.method !== 'HEAD' && !isBodiless(status)
    await write(Buffer.concat([head(status, fields), withBody ? bytes : Buffer.alloc(0)]))
    if (closes) end()
  })
}

/** A chunked response, one chunk and one write for each piece. */
export function chunked(
  status: number,
  headers: FieldsInit,
  pieces: Pieces | (() => Pieces),
  trailers: FieldsInit = {},
): Reply {
  const fields = [...flatFields(headers), 'transfer-encoding', 'chunked']
  return new Reply(async ({ readBody, write }) => {
    await readBody()
    await write(head(status, fields))
    for await (const piece of typeof pieces === 'function' ? pieces() : pieces) {
      const bytes = Buffer.from(piece)
      const size = Buffer.from(`${bytes.length.toString(16)}\r\n`)
      await write(Buffer.concat([size, bytes, Buffer.from('\r\n')]))
    }
    await write(`0\r\n${fieldLines(flatFields(trailers))}\r\n`)
  })
}

/** A response whose body ends with the connection (RFC 9112 section 6.3, item 8). */
export function closeDelimited(
  status: number,
  headers: FieldsInit,
  pieces: Pieces | (() => Pieces),
): Reply {
  return new Reply(async ({ readBody, write, end }) => {
    await readBody()
    await write(head(status, flatFields(headers)))
    for await (const piece of typeof pieces === 'function' ? pieces() : pieces) await write(piece)
    end()
  })
}

/** 1xx responses ahead of another reply, before the request body is read. */
export function interim(heads: readonly InterimHead[], then: Reply): Reply {
  return new Reply(async (exchange) => {
    for (const { status, headers = {} } of heads) {
      await exchange.write(head(status, flatFields(headers)))
    }
    await then.play(exchange)
  })
}

/**
 * 101, then another protocol: `play` has the connection, which closes when it is done. Default: an
 * echo of everything.
 */
export function switching(
  protocol: string,
  play: (exchange: UpstreamExchange) => PromiseLike<void> = echo,
): Reply {
  return new Reply(async (exchange) => {
    await exchange.readBody()
    exchange.takeOver()
    await exchange.write(head(101, ['connection', 'upgrade', 'upgrade', protocol]))
    await play(exchange)
  })
}

/** The bytes of a response head, with its empty line. */
export function head(status: number, fields: readonly string[]): Buffer {
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  return Buffer.from(`${line}${fieldLines(fields)}\r\n`, 'latin1')
}

async function echo({ read, write }: UpstreamExchange): Promise<void> {
  for (let bytes = await read(); bytes.length > 0; bytes = await read()) await write(bytes)
}

function isBodiless(status: number): boolean {
  return status < 200 || status === 204 || status === 304
}
