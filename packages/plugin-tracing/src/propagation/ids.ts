import { randomFillSync } from 'node:crypto'

/** Random bytes for many ids: asking for a few at a time would cost a call into the system each. */
const pool = Buffer.allocUnsafeSlow(8192)
let used = pool.length

const noTrace = '0'.repeat(32)
const noSpan = '0'.repeat(16)

/** 16 random bytes in lower-case hexadecimal, never only zeros. */
export function newTraceId(): string {
  const id = take(16)
  return id === noTrace ? newTraceId() : id
}

/** 8 random bytes in lower-case hexadecimal, never only zeros. */
export function newSpanId(): string {
  const id = take(8)
  return id === noSpan ? newSpanId() : id
}

function take(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const start = used
  used += bytes
  return pool.toString('hex', start, used)
}
