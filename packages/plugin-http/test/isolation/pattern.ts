/**
 * Bytes that tell whose they are: cells of eight bytes, four for the stream (which side sends it and
 * the number of the exchange) and four for the number of the cell.
 *
 * @module
 */

/** Who sends a stream; later tries of an exchange count on from `response`. */
export const Side = { request: 0xa1, response: 0xd0 } as const

const cellBytes = 8
const maxCells = 8192
const cells = new Uint32Array((maxCells + 1) * 2)
const expected = Buffer.from(cells.buffer)

/** The first bytes of a stream. */
export function patternOf(side: number, id: number, length: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / cellBytes) * 2)
  fillCells(words, streamOf(side, id), 0, words.length / 2)
  return Buffer.from(words.buffer, 0, length)
}

/** A header value that tells whose it is and where in it one looks. */
export function textOf(side: number, id: number, field: number, length: number): string {
  let text = ''
  for (let cell = 0; text.length < length; cell++) {
    text += `${side.toString(16)}.${id.toString(36)}.${field}.${cell.toString(36)};`
  }
  return text.slice(0, length)
}

/**
 * Looks whether `bytes[start, end)` are what the stream has from `offset` on.
 * @returns What is wrong, or `undefined`.
 */
export function findForeign(
  bytes: Buffer,
  start: number,
  end: number,
  side: number,
  id: number,
  offset: number,
): string | undefined {
  const stream = streamOf(side, id)
  for (let from = start; from < end; ) {
    const at = offset + from - start
    const phase = at % cellBytes
    const stop = Math.min(end, from + maxCells * cellBytes - phase)
    const size = stop - from
    fillCells(cells, stream, (at - phase) / cellBytes, Math.ceil((phase + size) / cellBytes))
    if (bytes.compare(expected, phase, phase + size, from, stop) !== 0) {
      let wrong = 0
      while (bytes[from + wrong] === expected[phase + wrong]) wrong++
      const found = describe(bytes.subarray(from + wrong, end))
      return `byte ${at + wrong} of ${nameOf(side)} ${id} is ${found}`
    }
    from = stop
  }
  return undefined
}

function streamOf(side: number, id: number): number {
  return ((side << 24) | id) >>> 0
}

function fillCells(words: Uint32Array, stream: number, first: number, count: number): void {
  for (let cell = 0; cell < count; cell++) {
    words[cell * 2] = stream
    words[cell * 2 + 1] = first + cell
  }
}

/** Whose bytes these are, as far as they tell. */
function describe(bytes: Buffer): string {
  const shown = `0x${bytes.toString('hex', 0, 24)} ${JSON.stringify(bytes.toString('latin1', 0, 24))}`
  for (let phase = 0; phase + 2 * cellBytes <= Math.min(bytes.length, 64); phase++) {
    const stream = bytes.readUInt32LE(phase)
    const side = stream >>> 24
    if (stream !== bytes.readUInt32LE(phase + cellBytes)) continue
    if (side !== Side.request && (side < Side.response || side > Side.response + 8)) continue
    const cell = bytes.readUInt32LE(phase + 4)
    return `byte ${cell * cellBytes - phase} of ${nameOf(side)} ${stream & 0xff_ffff}: ${shown}`
  }
  return bytes[0] === 0x7e ? `of a buffer that was given back: ${shown}` : `unknown: ${shown}`
}

function nameOf(side: number): string {
  if (side === Side.request) return 'request'
  return side === Side.response ? 'response' : `response ${side - Side.response + 1} to`
}
