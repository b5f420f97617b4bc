import { setImmediate as nextTurn } from 'node:timers/promises'

/** Comes back when a number has not changed for many turns of the event loop. */
export async function quiet(look: () => number, turns: number = 200): Promise<number> {
  let before = Number.NaN
  for (;;) {
    const now = look()
    if (now === before) return now
    before = now
    for (let turn = 0; turn < turns; turn++) await nextTurn()
  }
}
