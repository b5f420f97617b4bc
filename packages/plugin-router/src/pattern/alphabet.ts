import { wordBytes } from './byte-set.ts'
import type { Step } from './program.ts'

/** Bytes that a program cannot tell apart share a symbol, which keeps its tables small. */
export interface Alphabet {
  /** The symbol of each byte. */
  readonly symbolOf: Uint8Array
  /** A byte of each symbol. */
  readonly sample: readonly number[]
}

/** The symbols that the steps, and word boundaries, need. */
export function alphabetOf(steps: readonly Step[]): Alphabet {
  const symbolOf = new Uint8Array(256)
  let sample = [0]
  const sets = new Set(steps.flatMap((step) => (step.kind === 'byte' ? [step.set] : [])))
  for (const set of [wordBytes, ...sets]) {
    const refined = new Map<number, number>()
    const nextSample: number[] = []
    for (let byte = 0; byte < 256; byte++) {
      const key = (symbolOf[byte] ?? 0) * 2 + (set.has(byte) ? 1 : 0)
      const symbol = refined.get(key) ?? refined.size
      if (symbol === refined.size) nextSample.push(byte)
      refined.set(key, symbol)
      symbolOf[byte] = symbol
    }
    sample = nextSample
  }
  return { symbolOf, sample }
}
