import { errors } from '../errors.ts'
import { parseFieldLines } from './fields.ts'
import type { Framing } from './head.ts'
import type { SocketReader } from './socket-reader.ts'

/**
 * Reads a body to its end and hands out its bytes as they come. The result is the trailer fields:
 * name, value, …. Throws GW_TESTING_WIRE and GW_TESTING_CONNECTION_LOST.
 */
export async function readBody(
  reader: SocketReader,
  framing: Framing,
  take: (bytes: Buffer) => void,
): Promise<string[]> {
  if (framing.kind === 'chunked') return readChunks(reader, take)
  if (framing.kind === 'length') await readLength(reader, framing.length, take)
  else while (!(await reader.atEnd())) take(await reader.readSome())
  return []
}

async function readLength(
  reader: SocketReader,
  length: number,
  take: (bytes: Buffer) => void,
): Promise<void> {
  let left = length
  while (left > 0) {
    // At the end, asking for one byte more tells how the connection was lost.
    const bytes = (await reader.atEnd()) ? await reader.readExactly(1) : await reader.readSome(left)
    left -= bytes.length
    take(bytes)
  }
}

/** Chunked coding in its canonical form only (RFC 9112 section 7.1): no extensions, no leading 0. */
async function readChunks(reader: SocketReader, take: (bytes: Buffer) => void): Promise<string[]> {
  for (;;) {
    const line = (await reader.readUntil('\r\n')).toString('latin1')
    const match = /^(0|[1-9a-f][0-9a-f]{0,12})\r\n$/i.exec(line)
    if (match === null) throw errors.GW_TESTING_WIRE({ problem: `chunk ${JSON.stringify(line)}` })
    const size = Number.parseInt(match[1] ?? '', 16)
    if (size === 0) return readTrailers(reader)
    await readLength(reader, size, take)
    const end = (await reader.readExactly(2)).toString('latin1')
    if (end === '\r\n') continue
    throw errors.GW_TESTING_WIRE({ problem: `chunk data followed by ${JSON.stringify(end)}` })
  }
}

async function readTrailers(reader: SocketReader): Promise<string[]> {
  const lines: string[] = []
  for (;;) {
    const line = (await reader.readUntil('\r\n')).toString('latin1').slice(0, -2)
    if (line === '') return parseFieldLines(lines)
    lines.push(line)
  }
}
