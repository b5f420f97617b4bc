/**
 * Waiting for what goes away by itself: handles that close asynchronously, objects that nobody
 * refers to.
 *
 * @module
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { mustHold } from '../conformance/check.ts'

/** Gives it some turns of the event loop, with the garbage collected in each. */
export async function settles(holds: () => boolean, problem: () => string): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    // Looking at a weak reference keeps its target until the turn ends, so collecting comes first.
    await new Promise((resolve) => setTimeout(resolve, 1))
    collectGarbage()
    if (holds()) return
  }
  mustHold(false, problem())
}

let collect: (() => void) | undefined

/** Nothing that nobody refers to is there afterwards. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    // With the flag, a new context has the function.
    collect = runInNewContext('gc') as () => void
  }
  collect()
}
