/**
 * The copies of the kernel in this process. There is to be one: a response of another one is none.
 *
 * @module
 */
import { fileURLToPath } from 'node:url'

const key = Symbol.for('gatewright.kernels')

/** Where every copy puts the path of its code. */
// What stands there is put there by the next lines, in whichever copy.
const shelf = globalThis as unknown as { [key]?: Set<string> }

shelf[key] ??= new Set()
shelf[key].add(fileURLToPath(import.meta.url))

/** Paths of a file of each copy that was loaded. */
export function kernelCopies(): readonly string[] {
  return [...(shelf[key] ?? [])]
}
