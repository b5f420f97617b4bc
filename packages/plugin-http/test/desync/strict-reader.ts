/**
 * Reads requests as the most pedantic upstream would: written for this table, independent of the
 * engine, and content with one form of every message only.
 *
 * @module
 */

/** A request head, and what it says about the body. */
export interface StrictHead {
  readonly method: string
  readonly target: string
  /** Names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly framing: '-' | 'length' | 'chunked'
  readonly length: number
}

/** A whole request. */
export interface StrictRequest extends StrictHead {
  readonly body: string
  readonly trailers: readonly (readonly [name: string, value: string])[]
}

const token = String.raw`[!#$%&'*+\-.^_\x60|~0-9A-Za-z]+`
const requestLine = new RegExp(String.raw`^(${token}) (/[\x21\x22\x24-\x7e]*|\*) HTTP/1\.1$`)
const fieldLine = new RegExp(String.raw`^(${token}):([\t\x20-\x7e\x80-\xff]*)$`)
const plainHost = /^(?:[\w.~-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?$/

/** Fields that may not reach an upstream in any form. */
const forbidden = [
  ...['expect', 'keep-alive', 'proxy-connection', 'upgrade', 'http2-settings', 'trailer'],
  ...['proxy-authorization', 'proxy-authenticate'],
]

/** Takes requests off a text, one after the other. Throws for what is not in canonical form. */
export class StrictReader {
  #text = ''
  #head: StrictHead | undefined = undefined

  /** Bytes that belong to no whole request. */
  get pending(): boolean {
    return this.#text !== '' || this.#head !== undefined
  }

  /** One character for each byte. */
  add(text: string): void {
    this.#text += text
  }

  /** The head of the request that is being read, once it is whole. */
  get head(): StrictHead | undefined {
    if (this.#head !== undefined) return this.#head
    const end = this.#text.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    this.#head = parseHead(this.#text.slice(0, end))
    this.#text = this.#text.slice(end + 4)
    return this.#head
  }

  /** The next request, if it is whole. */
  next(): StrictRequest | undefined {
    const { head } = this
    if (head === undefined) return undefined
    const body = head.framing === 'chunked' ? readChunks(this.#text) : readLength(this.#text, head)
    if (body === undefined) return undefined
    this.#text = this.#text.slice(body.used)
    this.#head = undefined
    return { ...head, body: body.data, trailers: body.trailers }
  }
}

/** `POST /a chunked hello`, with ` +name: value` for each trailer. */
export function summaryOf({ method, target, framing, body, trailers }: StrictRequest): string {
  const end = trailers.map(([name, value]) => ` +${name}: ${value}`).join('')
  const content = body === '' ? '' : ` ${body}`
  return `${method} ${target} ${framing}${content}${end}`
}

function parseHead(text: string): StrictHead {
  const [start = '', ...lines] = text.split('\r\n')
  const [, method, target] = requestLine.exec(start) ?? []
  if (method === undefined || target === undefined) return refuse('request line', start)
  const fields = lines.map(parseField)
  checkFields(fields)
  const codings = valuesOf(fields, 'transfer-encoding')
  const lengths = valuesOf(fields, 'content-length')
  if (codings.length + lengths.length > 1) return refuse('framing', text)
  if (codings.length === 1) {
    if (codings[0] !== 'chunked') return refuse('transfer-encoding', text)
    return { method, target, fields, framing: 'chunked', length: 0 }
  }
  const [length] = lengths
  if (length === undefined) return { method, target, fields, framing: '-', length: 0 }
  if (!/^(?:0|[1-9]\d{0,14})$/.test(length)) return refuse('content-length', text)
  return { method, target, fields, framing: 'length', length: Number(length) }
}

function parseField(line: string): [name: string, value: string] {
  const [, name, value] = fieldLine.exec(line) ?? []
  if (name === undefined || value === undefined) return refuse('field line', line)
  const lower = name.toLowerCase()
  // What frames and routes stands in lines that cannot be trimmed in two ways.
  if (/^(?:content-length|transfer-encoding|host)$/.test(lower) && !/^ \S+$/.test(value)) {
    return refuse('blanks', line)
  }
  return [lower, value.replaceAll(/^[\t ]+|[\t ]+$/g, '')]
}

function checkFields(fields: readonly (readonly [string, string])[]): void {
  const [host, ...more] = valuesOf(fields, 'host')
  if (host === undefined || more.length > 0 || !plainHost.test(host)) refuse('host', String(host))
  for (const [name, value] of fields) {
    // Servers with a CGI-like interface cannot tell the two apart.
    const alias = name.includes('_') ? name.replaceAll('_', '-') : ''
    if (/^(?:content-length|transfer-encoding)$/.test(alias)) refuse('field', name)
    if (forbidden.includes(name)) refuse('field', name)
    if (name === 'te' && value !== 'trailers') refuse('te', value)
    if (name === 'connection' && value !== 'te') refuse('connection', value)
  }
}

interface Body {
  readonly data: string
  readonly used: number
  readonly trailers: readonly (readonly [string, string])[]
}

function readLength(text: string, { length }: StrictHead): Body | undefined {
  if (text.length < length) return undefined
  return { data: text.slice(0, length), used: length, trailers: [] }
}

function readChunks(text: string): Body | undefined {
  let data = ''
  let at = 0
  for (;;) {
    const lineEnd = text.indexOf('\n', at)
    if (lineEnd < 0) return undefined
    const [, digits] = /^(0|[1-9a-f][\da-f]{0,12})\r\n$/.exec(text.slice(at, lineEnd + 1)) ?? []
    if (digits === undefined) return refuse('chunk', text.slice(at, lineEnd + 1))
    const size = Number.parseInt(digits, 16)
    at = lineEnd + 1
    if (size === 0) return readTrailers(text, at, data)
    if (text.length < at + size + 2) return undefined
    data += text.slice(at, at + size)
    at += size + 2
    if (text.slice(at - 2, at) !== '\r\n') return refuse('chunk end', text.slice(at - 2))
  }
}

function readTrailers(text: string, start: number, data: string): Body | undefined {
  if (text.startsWith('\r\n', start)) return { data, used: start + 2, trailers: [] }
  const end = text.indexOf('\r\n\r\n', start)
  if (end < 0) return undefined
  const trailers = text.slice(start, end).split('\r\n').map(parseField)
  return { data, used: end + 4, trailers }
}

function valuesOf(fields: readonly (readonly [string, string])[], name: string): string[] {
  return fields.filter((field) => field[0] === name).map((field) => field[1])
}

function refuse(what: string, text: string): never {
  throw new Error(`the upstream got a ${what} that is not canonical: ${JSON.stringify(text)}`)
}
