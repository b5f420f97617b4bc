import type { Socket } from 'node:net'
import type { Random } from '../random.ts'
import { findForeign, patternOf, textOf } from './pattern.ts'
import { hugeBytes, type MessagePlan } from './plan.ts'

const lineEnd = Buffer.from('\r\n')

/** Fields of a message: `name: value`. */
export function fieldLines(plan: MessagePlan, side: number, id: number): string[] {
  return plan.fields.map((length, field) => `x-p${field}: ${textOf(side, id, field, length)}`)
}

/** Its trailers. */
function trailerLines(plan: MessagePlan, side: number, id: number): string[] {
  return plan.trailers.map(
    (length, field) => `x-t${field}: ${textOf(side, id, field + 50, length)}`,
  )
}

/** A whole message. */
export function messageBytes(
  startLine: string,
  extra: readonly string[],
  plan: MessagePlan,
  side: number,
  id: number,
  random: Random,
  bodiless: boolean,
): Buffer {
  const lines = [startLine, ...extra, ...fieldLines(plan, side, id)]
  if (plan.framing === 'chunked') lines.push('transfer-encoding: chunked')
  if (plan.framing === 'length') lines.push(`content-length: ${plan.size}`)
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  if (bodiless || plan.framing === 'none') return head
  const body = patternOf(side, id, plan.size)
  if (plan.framing !== 'chunked') return Buffer.concat([head, body])
  const end = `0\r\n${trailerLines(plan, side, id)
    .map((line) => `${line}\r\n`)
    .join('')}\r\n`
  const chunks = cut(body, random).flatMap(chunkOf)
  return Buffer.concat([head, ...chunks, Buffer.from(end, 'latin1')])
}

/** Compares what a body brings with what it should. Throws at a byte of somebody else. */
export class BodyCheck {
  offset = 0
  readonly #plan: MessagePlan
  readonly #side: number
  readonly #id: number

  constructor(plan: MessagePlan, side: number, id: number) {
    this.#plan = plan
    this.#side = side
    this.#id = id
  }

  take(bytes: Buffer, start: number, end: number): void {
    const foreign = findForeign(bytes, start, end, this.#side, this.#id, this.offset)
    if (foreign !== undefined) throw new Error(foreign)
    this.offset += end - start
    if (this.offset > this.#plan.size) throw new Error(`${this.offset} of ${this.#plan.size} bytes`)
  }

  end(trailers: readonly string[], mayOmit: boolean): void {
    const { size } = this.#plan
    if (this.offset !== size) throw new Error(`ended after ${this.offset} of ${size} bytes`)
    const expected = trailerLines(this.#plan, this.#side, this.#id)
    if (mayOmit && trailers.length === 0) return
    sameLines(trailers, expected)
  }
}

/** Throws unless the lines are those expected. */
export function sameLines(found: readonly string[], expected: readonly string[]): void {
  for (let i = 0; i < Math.max(found.length, expected.length); i++) {
    if (found[i] !== expected[i]) throw new Error(`found "${found[i]}", expected "${expected[i]}"`)
  }
}

/**
 * Writes bytes in pieces, some of them in the same turn. Stops when the socket is closed.
 * @param together So many at the end stay in one piece.
 */
export function sendSplit(
  socket: Socket,
  bytes: Buffer,
  random: Random,
  done: () => void,
  together: number = 0,
): void {
  const divisible = bytes.length - together
  const pieces = random.chance(0.5)
    ? [bytes]
    : [...splitEarly(bytes.subarray(0, divisible), random), bytes.subarray(divisible)]
  const next = (): void => {
    for (;;) {
      if (socket.destroyed || socket.writableEnded) return
      const piece = pieces.shift()
      if (piece === undefined) return done()
      if (!socket.write(piece)) return void socket.once('drain', next)
      if (random.chance(0.6)) return void setImmediate(next)
    }
  }
  next()
}

/** Half of the cuts are near the beginning, where the head is. */
function splitEarly(bytes: Buffer, random: Random): Buffer[] {
  const front = bytes.subarray(0, 600)
  const rest = bytes.subarray(600)
  return [...random.split(front, 4), ...random.split(rest, 4)].filter((piece) => piece.length > 0)
}

/** Reads nothing for a number of turns, longer if much is to come; then goes on or does `instead`. */
export function stall(
  socket: Socket,
  { size }: MessagePlan,
  random: Random,
  instead: (() => void) | undefined,
): void {
  socket.pause()
  const next = (left: number): void => {
    if (socket.destroyed) return
    if (left > 0) return void setImmediate(() => next(left - 1))
    if (instead === undefined) socket.resume()
    else instead()
  }
  next(random.below(size < hugeBytes ? 200 : 2000))
}

function chunkOf(bytes: Buffer): Buffer[] {
  return [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, lineEnd]
}

/** A few large pieces or many small ones. */
function cut(bytes: Buffer, random: Random): Buffer[] {
  if (random.chance(0.4)) return random.split(bytes, 6).filter((piece) => piece.length > 0)
  const size = Math.max(1, Math.ceil(bytes.length / 500), random.below(20_000))
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}
