import type { RequestPlan, ResponsePlan } from './plan.ts'

/** Lines for every mix of options, by their bits. */
const lines: readonly Buffer[] = Array.from({ length: 16 }, (_, bits) =>
  Buffer.from(linesFor(bits)),
)

/** The Connection line that a plan needs, with a TE line if that is in it; may be empty. */
export function connectionLines(plan: RequestPlan | ResponsePlan): Buffer {
  const acceptsTrailers = 'acceptsTrailers' in plan && plan.acceptsTrailers
  const bits =
    (plan.upgrade === undefined ? 0 : 1) |
    (acceptsTrailers ? 2 : 0) |
    (plan.connection === 'close' ? 4 : 0) |
    (plan.connection === 'keep-alive' ? 8 : 0)
  return lines[bits] ?? Buffer.alloc(0)
}

function linesFor(bits: number): string {
  const options = ['upgrade', 'te', 'close', 'keep-alive'].filter((_, bit) => (bits >> bit) & 1)
  if (options.length === 0) return ''
  const te = options.includes('te') ? 'te: trailers\r\n' : ''
  return `${te}connection: ${options.join(', ')}\r\n`
}
